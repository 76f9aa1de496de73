import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { ChatRoomResponse } from '../../src/chat-rooms/dto/chat-room.response.dto.js';
import type { MessageResponse } from '../../src/messages/dto/message.response.dto.js';
import { RedisNodeLink } from '../../src/redis/redis-node-link.js';
import type { TestApp } from '../support/app.js';
import type { Ack, ChatClient } from '../support/chat-client.js';
import { stalledMs } from '../support/cpu-pressure.js';
import { eventually } from '../support/eventually.js';
import type { Person } from '../support/person.js';
import { Replica, type SnapshotPage } from '../support/replica.js';
import { TwoNodes } from '../support/two-nodes.js';

const EVERY_MS = 25;

/** What one reader was told, and when. */
interface Reader {
  client: ChatClient;
  seqs: number[];
  at: Map<string, number>;
}

interface Said {
  id: string;
  ackMs: number;
  ackedAt: number;
}

describe('two nodes whose Redis fails', () => {
  let nodes: TwoNodes;

  beforeAll(async () => {
    nodes = await TwoNodes.start();
  });
  afterAll(() => nodes.close());
  afterEach(() => nodes.closeSockets());

  async function reader(node: TestApp, person: Person, chatRoomId: string): Promise<Reader> {
    const client = await nodes.socket(node, person);
    const seqs: number[] = [];
    const at = new Map<string, number>();
    client.socket.on('newMessage', ({ message }: { message: MessageResponse }) => {
      seqs.push(message.seq);
      at.set(message.id, performance.now());
    });
    expect(await client.command('joinChatRoom', { chatRoomId })).toMatchObject({ ok: true });
    return { client, seqs, at };
  }

  async function room(): Promise<{ readers: [Reader, Reader]; chatRoomId: string }> {
    const [ada, bob] = await Promise.all([nodes.a.person(), nodes.a.person()]);
    const made = await ada.post<ChatRoomResponse>('/chat-rooms', { type: 'GROUP', participantIds: [bob.id] });
    const chatRoomId = made.body.id;
    return { readers: [await reader(nodes.a, ada, chatRoomId), await reader(nodes.b, bob, chatRoomId)], chatRoomId };
  }

  /** One speaks until `over` says so: the other node has nothing to guess by that it misses something. */
  async function load({ client }: Reader, chatRoomId: string, over: () => boolean): Promise<Said[]> {
    const said: Promise<Said>[] = [];
    for (let index = 0; !over(); index++) {
      const startedAt = performance.now();
      said.push(
        client.command('sendMessage', { chatRoomId, content: `line ${index}` }).then((ack: Ack) => {
          expect(ack).toMatchObject({ ok: true });
          const ackedAt = performance.now();
          return { id: (ack['message'] as MessageResponse).id, ackMs: ackedAt - startedAt, ackedAt };
        }),
      );
      await sleep(EVERY_MS);
    }
    return Promise.all(said);
  }

  it.each<[string, () => Promise<unknown>, () => Promise<unknown>]>([
    ['killed', () => nodes.redis.kill(), () => nodes.redis.start()],
    [
      'frozen',
      () => Promise.resolve(nodes.redis.signal('SIGSTOP')),
      () => Promise.resolve(nodes.redis.signal('SIGCONT')),
    ],
    ['emptied', () => nodes.redis.run(['FLUSHALL']), () => nodes.redis.run(['FLUSHALL'])],
    [
      'restarted',
      async () => {
        await nodes.redis.kill();
        await nodes.redis.start();
      },
      () => Promise.resolve(),
    ],
  ])('lose nothing while it is %s under load, and go back to it', async (what, fail, heal) => {
    const { readers, chatRoomId } = await room();
    let isOver = false;
    const stalledBefore = stalledMs();
    const loading = load(readers[0], chatRoomId, () => isOver);
    await sleep(500);
    await fail();
    await sleep(4_000);
    await heal();
    await nodes.joined();
    await sleep(500);
    isOver = true;
    const said = await loading;
    for (const { seqs, at } of readers) {
      await eventually(() => said.every(({ id }) => at.has(id)), 15_000);
      expect(seqs).toHaveLength(said.length);
      expect(seqs).toEqual([...seqs].sort((one, other) => one - other));
    }
    const slowestAck = Math.max(...said.map(({ ackMs }) => ackMs));
    const delays = readers.flatMap(({ at }) => said.map(({ id, ackedAt }) => (at.get(id) ?? Infinity) - ackedAt));
    const slowest = Math.max(...delays);
    console.log(
      `Redis ${what}: ${said.length} messages, slowest ack ${slowestAck.toFixed(0)} ms, slowest delivery ${slowest.toFixed(0)} ms, lost 0`,
    );
    const waited = stalledMs() - stalledBefore;
    expect(slowestAck).toBeLessThan(1_000 + waited);
    expect(slowest).toBeLessThan(2_000 + waited);
  });

  it('show the text of an answer on the other node when it dies in the middle', async () => {
    const words = Array.from({ length: 200 }, (_, index) => `word${index} `);
    nodes.model.script({ deltas: words, everyMs: 25 });
    const ada = await nodes.a.person();
    const sessionId = await ada.session();
    const replica = new Replica();
    const client = await nodes.socket(nodes.b, ada);
    client.socket.onAny((name: string, payload: Record<string, unknown>) => {
      if (name.startsWith('message:')) replica.event(name, payload);
    });
    replica.page((await client.command('join', { sessionId, since: 0 })) as unknown as SnapshotPage, 0);
    await nodes.rest(nodes.a, ada).post('/messages', { sessionId, role: 'user', content: 'tell me' });
    await client.until(() => client.all('message:stream').length > 10, 'the beginning');
    await nodes.redis.kill();
    await nodes.parted();
    const before = client.all('message:stream').length;
    await client.until(() => client.all('message:stream').length > before + 2, 'more of the text, from PostgreSQL');
    const late = await nodes.socket(nodes.b, ada);
    const ack = await late.command('join', { sessionId });
    expect(words.join('')).toContain((ack['streaming'] as { content: string }).content);
    await nodes.redis.start();
    await client.event('message:done');
    expect(replica.list().map(({ content }) => content)).toEqual(['tell me', words.join('')]);
    const { dup, inversions, holes, late: tooLate, mismatches } = replica.faults;
    expect({ dup, inversions, holes, tooLate, mismatches }).toEqual({
      dup: 0,
      inversions: 0,
      holes: 0,
      tooLate: 0,
      mismatches: 0,
    });
    await nodes.joined();
  });

  it('close the connections of somebody who signs out while it is away', async () => {
    const ada = await nodes.a.person();
    const onB = await nodes.socket(nodes.b, ada);
    expect((await nodes.rest(nodes.b, ada).get('/auth/me')).status).toBe(200);
    await nodes.redis.kill();
    await nodes.parted();
    await ada.post('/auth/logout');
    await onB.event('disconnect');
    expect((await nodes.rest(nodes.b, ada).get('/auth/me')).status).toBe(401);
    await nodes.redis.start();
    await nodes.joined();
  });

  it('stop answers of the other node while it is away', async () => {
    nodes.model.script({ endless: 'more ' });
    const ada = await nodes.a.person();
    const sessionId = await ada.session();
    const onA = await nodes.socket(nodes.a, ada);
    await onA.command('join', { sessionId });
    await onA.command('message:send', { sessionId, content: 'tell me' });
    const { messageId } = await onA.event('message:stream');
    await nodes.redis.kill();
    await nodes.parted();
    expect((await nodes.rest(nodes.b, ada).post(`/messages/${messageId as string}/stop`)).status).toBe(200);
    await nodes.model.calls[0]!.closed;
    await onA.event('message:done');
    await nodes.redis.start();
    await nodes.joined();
  });

  it('repair what a node stored and never told', async () => {
    const { readers, chatRoomId } = await room();
    const link = nodes.a.get(RedisNodeLink);
    const send = link.send.bind(link);
    link.send = () => undefined;
    try {
      const ack = await readers[0].client.command('sendMessage', { chatRoomId, content: 'my last words' });
      const { id } = ack['message'] as MessageResponse;
      await readers[1].client.event('newMessage', ({ message }) => (message as MessageResponse).id === id);
    } finally {
      link.send = send;
    }
  });
});
