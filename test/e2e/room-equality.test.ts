import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ChatRoomResponse, ParticipantResponse } from '../../src/chat-rooms/dto/chat-room.response.dto.js';
import type { MessageResponse } from '../../src/messages/dto/message.response.dto.js';
import type { SyncResponse } from '../../src/messages/dto/sync.response.dto.js';
import { TestApp } from '../support/app.js';
import type { Received } from '../support/chat-client.js';
import { FaultProxy } from '../support/fault-proxy.js';
import { Ledger, inWords } from '../support/ledger.js';
import type { Person } from '../support/person.js';
import { Random, rounds, seed } from '../support/random.js';
import { pickAction } from '../support/room-actions.js';
import { RoomReader } from '../support/room-reader.js';
import { ROOM_EVENTS, RoomReplica, stateOf, type RoomFaults, type RoomState } from '../support/room-replica.js';
import type { RoomHabit } from '../support/room-watch.js';

const PEOPLE = 20;
const IN_FROM_THE_START = 14;
const ACTIONS = 120;

interface Figures extends RoomFaults {
  schedules: number;
  actions: number;
  connections: number;
  cuts: number;
  /** Replicas that were compared with a fresh read, and those that differed. */
  compared: number;
  different: number;
  /** Events of the room that somebody got after being taken out of it. */
  leaks: number;
  /** Numbers that the observer, whose connection never broke, was not told as the next one. */
  steps: number;
}

async function freshRoom(person: Person, roomId: string): Promise<RoomState> {
  const { body: room } = await person.get<ChatRoomResponse>(`/chat-rooms/${roomId}`);
  const messages: MessageResponse[] = [];
  for (;;) {
    const path = `/chat-rooms/${roomId}/messages?after=${messages.at(-1)?.seq ?? 0}&limit=37`;
    const { body } = await person.get<MessageResponse[]>(path);
    if (body.length === 0) return stateOf(room, room.participants, messages);
    messages.push(...body);
  }
}

/** When who was in the room, by its numbers, from all that somebody was told who was never away. */
function timesOut(heard: readonly Received[], startOut: readonly string[]): Map<string, [from: number, to: number][]> {
  const times = new Map<string, [number, number][]>(startOut.map((id) => [id, [[0, Infinity]]]));
  for (const { event, payload } of heard) {
    const at = payload['changeSeq'] as number;
    if (event === 'participantRemoved') {
      const id = payload['removedUserId'] as string;
      times.set(id, [...(times.get(id) ?? []), [at, Infinity]]);
    } else if (event === 'participantsAdded') {
      const added = (payload['newParticipants'] as ParticipantResponse[]).map(({ userId }) => userId);
      // Whoever was removed again before the event was made is not named in it.
      for (const [id, spans] of times)
        if (added.length === 0 || added.includes(id))
          for (const span of spans) if (span[1] === Infinity && span[0] < at) span[1] = at;
    }
  }
  return times;
}

describe('people in a room', () => {
  let app: TestApp;
  const running: RoomReader[] = [];

  beforeAll(async () => {
    app = await TestApp.start({
      REST_LIMIT_PER_MINUTE: '10000000',
      SOCKET_EVENTS_PER_MINUTE: '10000000',
      MAX_SOCKETS_PER_USER: '100000',
      MAX_SOCKETS_PER_ADDRESS: '100000',
    });
  });

  afterAll(() => app.close());

  async function schedule(
    people: readonly Person[],
    proxy: FaultProxy,
    random: Random,
    figures: Figures,
    ledger: Ledger,
    habit: RoomHabit,
  ): Promise<void> {
    const [owner, observer] = people as [Person, Person];
    const inside = people.slice(0, IN_FROM_THE_START);
    const made = await owner.post<ChatRoomResponse>('/chat-rooms', {
      ...{ type: 'GROUP', name: 'Tea', participantIds: inside.slice(1).map(({ id }) => id) },
    });
    const roomId = made.body.id;
    const watcher = await observer.socket();
    await watcher.command('joinChatRoom', { chatRoomId: roomId });
    const readers = people.map((person) => new RoomReader(person, roomId, new Random(random.between(0, 1e9)), habit));
    for (const reader of readers) reader.start(proxy.url);
    running.push(...readers);
    const scene = { roomId, people: readers, random, ledger, proxyUrl: proxy.url, observerId: observer.id };
    for (let done = 0; done < ACTIONS;) {
      const atOnce = random.chance(0.5) ? random.between(2, 8) : 1;
      await Promise.all(
        Array.from({ length: atOnce }, () => pickAction(random).run({ ...scene, actor: random.pick(readers) })),
      );
      done += atOnce;
      figures.actions += atOnce;
    }
    const { head } = (await observer.get<SyncResponse>(`/conversations/${roomId}/sync?since=0`)).body;
    await Promise.all(readers.map((reader) => reader.finish(app.url, head)));
    const fresh = await freshRoom(observer, roomId);
    const isIn = new Set((fresh.people as { userId: string }[]).map(({ userId }) => userId));
    const heard = watcher.received.filter(({ payload }) => payload['chatRoomId'] === roomId);
    await watcher.until(() => stepsOf(watcher.received, roomId).last >= head, `number ${head}`);
    figures.steps += stepsOf(watcher.received, roomId).wrong;
    const out = timesOut(
      heard,
      people.slice(IN_FROM_THE_START).map(({ id }) => id),
    );
    for (const { replica, connections, leaks, person } of readers) {
      figures.connections += connections;
      figures.leaks += leaks;
      const spans = out.get(person.id) ?? [];
      figures.leaks += replica.heard.filter((at) => spans.some(([from, to]) => at > from && at < to)).length;
      for (const fault of Object.keys(replica.faults) as (keyof RoomFaults)[]) figures[fault] += replica.faults[fault];
      if (!isIn.has(person.id)) continue;
      figures.compared++;
      const known = replica.state();
      if (JSON.stringify(known) !== JSON.stringify(fresh)) {
        figures.different++;
        if (habit === 'careful') expect(known).toEqual(fresh);
      }
      for (const { seq } of known.messages) ledger.see(`${person.id} ${roomId}`, roomId, seq);
      ledger.receiver(`${person.id} ${roomId}`, roomId);
    }
    const intruders = fresh.messages.filter(({ senderId, seq }) =>
      (out.get(senderId ?? '') ?? []).some(([from, to]) => seq > from && seq < to),
    );
    expect(intruders).toEqual([]);
    figures.schedules++;
  }

  async function experiment(count: number, from: number, habit: RoomHabit = 'careful') {
    const random = new Random(from);
    const people = await Promise.all(Array.from({ length: PEOPLE }, () => app.person()));
    const proxy = await FaultProxy.start(app.url);
    proxy.fault = () => ({
      ...(random.chance(0.8) ? { cutAfter: { down: random.between(300, 15_000) } } : {}),
      ...(random.chance(0.1) ? { cutAfter: { up: random.between(100, 3_000) } } : {}),
    });
    const figures: Figures = {
      ...{ schedules: 0, actions: 0, connections: 0, cuts: 0, compared: 0, different: 0, leaks: 0, steps: 0 },
      ...new RoomReplica().faults,
    };
    const ledger = new Ledger();
    try {
      while (figures.schedules < count)
        await schedule(people, proxy, new Random(random.between(0, 1e9)), figures, ledger, habit);
    } catch (error) {
      throw new Error(`seed ${from}, schedule ${figures.schedules}`, { cause: error });
    } finally {
      figures.cuts = proxy.cuts;
      await proxy.stop();
      await Promise.all(running.splice(0).map((reader) => reader.stop()));
      for (const person of people) person.closeSockets();
    }
    const books = await ledger.balance(app.database.url);
    console.info(`${habit}, seed ${from}: ${inWords(figures)}; ${inWords(books)}`);
    return { ...figures, lost: books.lost };
  }

  it('know what a fresh read gives, whatever they do, over any wire, wherever their connections were cut', async () => {
    const count = rounds(4);
    const figures = await experiment(count, seed());
    expect(figures).toMatchObject({
      ...{ schedules: count, different: 0, lost: 0, leaks: 0, steps: 0 },
      ...{ dup: 0, inversions: 0, jumps: 0 },
    });
    expect(figures.cuts).toBeGreaterThan(count * PEOPLE);
    expect(figures.compared).toBeGreaterThan(count);
  }, 3_600_000);

  it('miss something when they never say where they stand (control)', async () => {
    expect((await experiment(1, 1, 'careless')).different).toBeGreaterThan(0);
  }, 600_000);

  it('miss something when nobody looks for a gap between reading and listening (control)', async () => {
    expect((await experiment(1, 2, 'gappy')).different).toBeGreaterThan(0);
  }, 600_000);
});

/** How far the numbers of a connection that never broke go, and how many of them were not the next one. */
function stepsOf(received: readonly Received[], roomId: string): { last: number; wrong: number } {
  const numbers = received.flatMap(({ event, payload }) => {
    const told = payload['chatRoomId'] === roomId ? ROOM_EVENTS[event]?.numbers(payload) : null;
    return told ? [told] : [];
  });
  let last = 0;
  let wrong = 0;
  for (const [from, to] of numbers) {
    if (from !== last + 1) wrong++;
    last = to;
  }
  return { last, wrong };
}
