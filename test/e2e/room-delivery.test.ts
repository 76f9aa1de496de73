import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import type { ChatRoomResponse } from '../../src/chat-rooms/dto/chat-room.response.dto.js';
import { conversationRoom } from '../../src/gateway/contract/room-names.js';
import { serverEvent } from '../../src/gateway/contract/server-events.js';
import { LiveHub } from '../../src/gateway/delivery/live-hub.js';
import type { MessageResponse } from '../../src/messages/dto/message.response.dto.js';
import type { SyncResponse } from '../../src/messages/dto/sync.response.dto.js';
import { TestApp } from '../support/app.js';
import type { ChatClient } from '../support/chat-client.js';
import { eventually } from '../support/eventually.js';
import { FaultProxy } from '../support/fault-proxy.js';
import { Ledger, inWords } from '../support/ledger.js';
import type { Person } from '../support/person.js';
import { Random, rounds, seed } from '../support/random.js';
import { RoomReader } from '../support/room-reader.js';
import { ROOM_EVENTS } from '../support/room-replica.js';
import type { RoomHabit } from '../support/room-watch.js';
import { SseClient } from '../support/sse-client.js';

const CLIENTS = 50;
const CUTS = 20;
const MIDDLING = 'x'.repeat(1024);
const FLOOD = 40 * 1024;

describe('what is said in a room', () => {
  let app: TestApp;
  let people: Person[];
  let roomId: string;

  beforeAll(async () => {
    app = await TestApp.start({
      REST_LIMIT_PER_MINUTE: '10000000',
      SOCKET_EVENTS_PER_MINUTE: '10000000',
      MAX_SOCKETS_PER_USER: '100000',
      MAX_SOCKETS_PER_ADDRESS: '100000',
    });
    people = await Promise.all(Array.from({ length: 5 }, () => app.person()));
  });
  afterAll(() => app.close());
  beforeEach(async () => {
    const [owner, ...others] = people as [Person, ...Person[]];
    const participantIds = others.map(({ id }) => id);
    roomId = (await owner.post<ChatRoomResponse>('/chat-rooms', { type: 'GROUP', participantIds })).body.id;
  });
  afterEach(() => {
    for (const person of people) person.closeSockets();
  });

  const person = (index: number): Person => people[index % people.length]!;
  const path = () => `/chat-rooms/${roomId}/messages`;
  const headOf = async () => (await person(0).get<SyncResponse>(`/conversations/${roomId}/sync?since=0`)).body.head;

  async function say(by: Person, content: string, ledger?: Ledger): Promise<MessageResponse> {
    const { body, status } = await by.post<MessageResponse>(path(), { content, clientMessageId: randomUUID() });
    expect(status).toBe(201);
    const { id: messageId, seq, clientMessageId = null } = body;
    ledger?.ack({ conversationId: roomId, messageId, seq, clientMessageId });
    return body;
  }

  it('is told once to a client that says something while it is let in', async () => {
    const client = await person(0).socket();
    const live: string[] = [];
    client.socket.on('newMessage', ({ message }: { message: MessageResponse }) => live.push(message.id));
    for (let round = 0; round < rounds(60); round++) {
      await client.command('leaveChatRoom', { chatRoomId: roomId });
      const since = await headOf();
      const [{ message: own }, page] = await Promise.all([
        client.command('sendMessage', { chatRoomId: roomId, content: `said ${round}` }),
        client.command('joinChatRoom', { chatRoomId: roomId, since }),
      ]);
      const { id } = own as MessageResponse;
      const last = await say(person(1), `after ${round}`);
      await eventually(() => live.includes(last.id));
      const told = live.filter((it) => it === id).length;
      expect(told).toBeLessThanOrEqual(1);
      expect(told + (page['messages'] as MessageResponse[]).filter((it) => it.id === id).length).toBeGreaterThan(0);
    }
  });

  it('is stored once, however often and through whatever door it is sent at once', async () => {
    const sender = person(0);
    const client = await sender.socket();
    const watcher = await person(1).socket();
    await watcher.command('joinChatRoom', { chatRoomId: roomId });
    const count = rounds(10);
    for (let round = 0; round < count; round++) {
      const message = { content: 'once', clientMessageId: `key ${round}` };
      const told = await Promise.all(
        Array.from({ length: 20 }, async (_, index) => {
          if (index % 2 === 0) return (await sender.post<MessageResponse>(path(), message)).body;
          return (await client.command('sendMessage', { chatRoomId: roomId, ...message }))[
            'message'
          ] as MessageResponse;
        }),
      );
      expect(new Set(told.map(({ id, seq }) => `${id} ${seq}`))).toEqual(new Set([`${told[0]!.id} ${round + 1}`]));
    }
    expect((await sender.post(path(), { content: 'other', clientMessageId: 'key 0' })).status).toBe(422);
    const database = new pg.Client({ connectionString: app.database.url });
    await database.connect();
    const { rows } = await database.query('SELECT 1 FROM messages WHERE conversation_id = $1', [roomId]);
    await database.end();
    await watcher.event('newMessage', ({ message }) => (message as MessageResponse).seq === count);
    console.info(`${count} keys, ${count * 20} sends: ${rows.length} rows, ${watcher.all('newMessage').length} events`);
    expect([rows.length, watcher.all('newMessage').length]).toEqual([count, count]);
  });

  async function cutOften(from: number, habit: RoomHabit, messages: number) {
    const random = new Random(from);
    const proxy = await FaultProxy.start(app.url);
    const ledger = new Ledger();
    const readers = Array.from(
      { length: CLIENTS },
      (_, index) => new RoomReader(person(index), roomId, new Random(random.between(0, 1e9)), habit),
    );
    for (const reader of readers) reader.start(proxy.url);
    const cutting = (async () => {
      while (readers.some(({ connections }) => connections <= CUTS)) {
        await sleep(random.between(20, 150));
        proxy.cutAll();
        // One that had not come through yet is closed by its client.
        for (const reader of readers) if (random.chance(0.5)) reader.cut();
      }
    })();
    for (let said = 0; said < messages; said += people.length)
      await Promise.all(people.map((by) => say(by, `message ${random.next()}`, ledger)));
    await cutting;
    const head = await headOf();
    await Promise.all(readers.map((reader) => reader.finish(app.url, head)));
    for (const [index, { replica }] of readers.entries()) {
      ledger.receiver(`reader ${index}`, roomId);
      const places = [...replica.messages.values()].map(({ seq }) => seq).sort((one, other) => one - other);
      for (const seq of places) ledger.see(`reader ${index}`, roomId, seq);
    }
    const faults = { dup: 0, inversions: 0, jumps: 0, connections: 0 };
    for (const { replica, connections } of readers) {
      for (const fault of ['dup', 'inversions', 'jumps'] as const) faults[fault] += replica.faults[fault];
      faults.connections += connections;
    }
    const figures = { ...(await ledger.balance(app.database.url)), ...faults, cuts: proxy.cuts };
    await proxy.stop();
    console.info(`${habit}, seed ${from}: ${inWords(figures)}`);
    return figures;
  }

  it('reaches fifty readers whose connections are cut twenty times, once and in order', async () => {
    const messages = rounds(1) * 200;
    const figures = await cutOften(seed(), 'careful', messages);
    expect(figures).toMatchObject({ acked: messages, persisted: messages, lost: 0, dup: 0, inversions: 0, jumps: 0 });
    expect(figures.connections).toBeGreaterThan(CLIENTS * CUTS);
  }, 600_000);

  it('is lost to readers that do not say where they stand (control)', async () => {
    expect((await cutOften(1, 'careless', 100)).lost).toBeGreaterThan(0);
  }, 600_000);

  it('is whole for whoever comes in while it is written', async () => {
    const count = rounds(1) * 100;
    const random = new Random(seed());
    let isOver = false;
    const writing = Promise.all(
      people.slice(0, 2).map(async (by) => {
        while (!isOver) {
          const { id, seq } = await say(by, `said ${random.next()}`);
          if (random.chance(0.3)) await by.patch(`/messages/${id}`, { content: 'edited' });
          if (random.chance(0.3)) await person(random.between(2, 4)).post(`/chat-rooms/${roomId}/read`, { seq });
          await sleep(2);
        }
      }),
    );
    const readers: RoomReader[] = [];
    for (let done = 0; done < count; done += 10) {
      const some = Array.from({ length: 10 }, () => new RoomReader(person(2), roomId, random));
      for (const reader of some) reader.start(app.url);
      await eventually(() => some.every(({ replica }) => replica.cursor > 0));
      const head = await headOf();
      await eventually(() => some.every(({ replica }) => replica.cursor >= head));
      await Promise.all(some.map((reader) => reader.stop()));
      readers.push(...some);
    }
    isOver = true;
    await writing;
    const fresh = new Map<string, string>();
    const truth = new RoomReader(person(3), roomId, random);
    await truth.finish(app.url, await headOf());
    for (const { id, seq } of truth.replica.messages.values()) fresh.set(id, `${seq}`);
    let mismatches = 0;
    for (const { replica } of readers) {
      const { dup, inversions, jumps } = replica.faults;
      const places = [...replica.messages.values()].filter(({ id, seq }) => fresh.get(id) === `${seq}`);
      const due = [...truth.replica.messages.values()].filter(({ seq }) => seq <= replica.cursor);
      if (dup + inversions + jumps > 0 || places.length !== due.length) mismatches++;
    }
    console.info(`${count} readers that came in while ${fresh.size} messages were written: mismatches ${mismatches}`);
    expect(mismatches).toBe(0);
  }, 600_000);

  it('comes in one order, with every number, to sockets and streams alike', async () => {
    const sockets = await Promise.all([person(0).socket(), person(1).socket()]);
    for (const client of sockets) await client.command('joinChatRoom', { chatRoomId: roomId });
    const streams = await Promise.all(
      [2, 3].map((index) =>
        SseClient.open(`${app.url}/sse/chat-rooms/${roomId}/stream`, {
          authorization: `Bearer ${person(index).token}`,
        }),
      ),
    );
    await Promise.all(
      people.map(async (by) => {
        for (let said = 0; said < 40; said++) {
          const { id, seq } = await say(by, `${said}`);
          if (said % 4 === 0) await by.patch(`/messages/${id}`, { content: `edited ${said}` });
          if (said % 5 === 0) await by.post(`/chat-rooms/${roomId}/read`, { seq });
        }
      }),
    );
    const head = await headOf();
    type Told = { event: string; payload: Record<string, unknown> };
    const orders = await Promise.all([
      ...sockets.map(async (client) => {
        await client.until(() => inOrder(client.received).last >= head, `number ${head}`);
        return inOrder(client.received);
      }),
      ...streams.map(async (stream) => {
        await stream.until(() => stream.lastId === `${head}.0`, `number ${head}`);
        stream.close();
        return inOrder(stream.frames.map(({ event, data }): Told => ({ event, payload: data })));
      }),
    ]);
    console.info(
      `${head} numbers to 2 sockets and 2 streams: ${orders.map(({ wrong }) => wrong).join(', ')} out of turn`,
    );
    for (const { wrong, told } of orders) expect([wrong, told]).toEqual([0, orders[0]!.told]);
  }, 120_000);

  it('costs nobody anything when a reader of the room stops reading, who misses nothing in the end', async () => {
    // Pollers that were cut are noticed by their silence.
    await eventually(() => app.get(LiveHub).size() === 0, 60_000);
    const slow = await person(0).socket();
    const good = await person(1).socket();
    for (const client of [slow, good]) await client.command('joinChatRoom', { chatRoomId: roomId });
    const paused = rawSocket(slow);
    paused.pause();
    const hub = app.get(LiveHub);
    const before = process.memoryUsage.rss();
    let most = 0;
    for (let count = 0; count < FLOOD; count++) {
      const message = { id: String(count), content: MIDDLING, changeSeq: 0 } as MessageResponse;
      hub.publish(conversationRoom(roomId), serverEvent('messageUpdated', { chatRoomId: roomId, message }));
      if (count % 64 > 0) continue;
      await new Promise((resolve) => setImmediate(resolve));
      most = Math.max(most, process.memoryUsage.rss() - before);
    }
    await eventually(() => hub.size() === 1);
    const said = await say(person(3), 'after the flood');
    await good.event('newMessage', ({ message }) => (message as MessageResponse).id === said.id);
    paused.resume();
    await slow.event('disconnect');
    expect(slow.all('newMessage')).toEqual([]);
    const again = await person(0).socket();
    const join = await again.command('joinChatRoom', { chatRoomId: roomId, since: 0 });
    expect(join).toMatchObject({ head: 1, messages: [{ id: said.id }] });
    console.info(
      `a paused reader of 40 MiB: closed, the process grew by ${Math.round(most / 2 ** 20)} MiB at the most`,
    );
  }, 120_000);
});

/** The numbers that a connection was told, and how many of them were not the next one. */
function inOrder(received: readonly { event: string; payload: Record<string, unknown> }[]) {
  const told = received.flatMap(({ event, payload }) => {
    const numbers = ROOM_EVENTS[event]?.numbers(payload);
    return numbers ? [[event, ...numbers] as const] : [];
  });
  let last = 0;
  let wrong = 0;
  for (const [, from, to] of told) {
    if (from !== last + 1) wrong++;
    last = to;
  }
  return { told, last, wrong };
}

interface Transport {
  ws: { _socket: Socket };
}
const rawSocket = (client: ChatClient): Socket =>
  (client.socket.io.engine.transport as unknown as Transport).ws._socket;
