import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import type { ChatRoomResponse } from '../../src/chat-rooms/dto/chat-room.response.dto.js';
import type { SyncResponse } from '../../src/messages/dto/sync.response.dto.js';
import { TestApp } from '../support/app.js';
import type { Person } from '../support/person.js';
import { SseClient } from '../support/sse-client.js';

describe('the stream of a room', () => {
  let app: TestApp;
  let ada: Person;
  let bob: Person;
  let roomId: string;
  const streams: SseClient[] = [];

  beforeAll(async () => {
    app = await TestApp.start();
  });
  afterAll(() => app.close());
  beforeEach(async () => {
    [ada, bob] = await Promise.all([app.person(), app.person()]);
    const made = await ada.post<ChatRoomResponse>('/chat-rooms', { type: 'GROUP', participantIds: [bob.id] });
    roomId = made.body.id;
  });
  afterEach(() => {
    for (const stream of streams.splice(0)) stream.close();
    for (const person of [ada, bob]) person.closeSockets();
  });

  async function open(person: Person, query = '', headers: Record<string, string> = {}): Promise<SseClient> {
    const authorization = `Bearer ${person.token}`;
    const url = `${app.url}/sse/chat-rooms/${roomId}/stream${query}`;
    const stream = await SseClient.open(url, { authorization, ...headers });
    streams.push(stream);
    return stream;
  }

  const say = async (person: Person, content: string): Promise<string> =>
    (await person.post<{ id: string }>(`/chat-rooms/${roomId}/messages`, { content })).body.id;

  it('tells what a socket that looks at the room is told, in the same order', async () => {
    const stream = await open(bob);
    const client = await bob.socket();
    await client.command('joinChatRoom', { chatRoomId: roomId });
    const id = await say(ada, 'Helo');
    await ada.patch(`/messages/${id}`, { content: 'Hello' });
    await bob.post(`/chat-rooms/${roomId}/read`, { seq: 1 });
    await ada.patch(`/chat-rooms/${roomId}`, { name: 'Tea' });
    await ada.delete(`/messages/${id}`);
    await stream.event('messageDeleted');
    await client.event('messageDeleted');
    const durable = ['newMessage', 'messageUpdated', 'participantsChanged', 'chatRoomUpdated', 'messageDeleted'];
    const ofStream = stream.frames.filter(({ event }) => durable.includes(event));
    const ofSocket = client.received.filter(({ event }) => durable.includes(event));
    expect(ofStream.map(({ event, data }) => [event, data])).toEqual(
      ofSocket.map(({ event, payload }) => [event, payload]),
    );
    expect(ofStream.map(({ id: at }) => at)).toEqual(['1.0', '2.0', '3.0', '4.0', '5.0']);
  });

  it('goes on where it broke, with messages, deletes, receipts, people and settings by their numbers', async () => {
    const stream = await open(bob, '?since=0');
    const id = await say(ada, 'first');
    await stream.event('newMessage');
    const lastEventId = stream.lastId!;
    stream.close();
    const cyd = await app.person();
    await ada.post(`/chat-rooms/${roomId}/participants`, { participantIds: [cyd.id] });
    await ada.delete(`/messages/${id}`);
    await ada.patch(`/chat-rooms/${roomId}`, { name: 'Tea' });
    await ada.delete(`/chat-rooms/${roomId}/participants/${cyd.id}`);
    await bob.post(`/chat-rooms/${roomId}/read`, { seq: 1 });
    const again = await open(bob, '', { 'last-event-id': lastEventId });
    await again.until(() => again.lastId === '6.0', 'the end of what was missed');
    expect(again.frames.filter(({ id: at }) => at !== null).map(({ id: at, event }) => [at, event])).toEqual([
      ['3.0', 'messageUpdated'],
      ['3.0', 'messageDeleted'],
      ['4.0', 'chatRoomUpdated'],
      ['5.0', 'participantsChanged'],
      ['6.0', 'participantsChanged'],
    ]);
    expect(again.of('participantsChanged')).toMatchObject([
      { participants: [{ userId: cyd.id, leftAt: expect.any(String) }] },
      { participants: [{ userId: bob.id, lastReadSeq: 1 }] },
    ]);
  });

  it('ends when its reader is removed, and tells nothing of what comes then', async () => {
    const stream = await open(bob);
    await say(ada, 'with him');
    await stream.event('newMessage');
    await ada.delete(`/chat-rooms/${roomId}/participants/${bob.id}`);
    await stream.over();
    await say(ada, 'without him');
    expect(stream.of('newMessage')).toHaveLength(1);
    expect(stream.frames.at(-1)).toMatchObject({ event: 'removedFromChatRoom' });
    expect((await open(bob, '?since=0')).status).toBe(404);
  });

  it('is nothing for outsiders, and takes a ticket once', async () => {
    const cyd = await app.person();
    expect((await open(cyd)).status).toBe(404);
    const { ticket } = (await bob.post<{ ticket: string }>('/sse/ticket')).body;
    const url = `${app.url}/sse/chat-rooms/${roomId}/stream?ticket=${ticket}`;
    const stream = await SseClient.open(url);
    streams.push(stream);
    await say(ada, 'by ticket');
    expect(await stream.event('newMessage')).toMatchObject({ chatRoomId: roomId });
    expect((await SseClient.open(url)).status).toBe(401);
    const headers = { authorization: `Bearer ${bob.token}` };
    expect((await fetch(url, { method: 'HEAD', headers })).status).toBe(405);
  });

  it('shows who reads it to the others, and tells it of no other room', async () => {
    const client = await ada.socket();
    await client.command('joinChatRoom', { chatRoomId: roomId });
    const stream = await open(bob);
    expect(await client.event('userJoined')).toEqual({ userId: bob.id, chatRoomId: roomId });
    const other = await ada.post<ChatRoomResponse>('/chat-rooms', { type: 'DIRECT', participantIds: [bob.id] });
    await ada.post(`/chat-rooms/${other.body.id}/messages`, { content: 'elsewhere' });
    await client.command('typing', { chatRoomId: roomId, isTyping: true });
    await stream.event('userTyping');
    expect(stream.frames.map(({ event }) => event)).toEqual(['userTyping']);
    stream.close();
    expect(await client.event('userLeft')).toEqual({ userId: bob.id, chatRoomId: roomId });
  });

  it('reads page by page what was missed, over every wire, without a hole between places and messages', async () => {
    const database = new pg.Client({ connectionString: app.database.url });
    await database.connect();
    // 700 people with a number each, between 700 messages.
    await database.query(
      `WITH people AS (
         INSERT INTO users (id, email, updated_at) SELECT gen_random_uuid(), $1::text || n, now() FROM generate_series(1, 700) n
         RETURNING id, substr(email, 37)::int AS n
       ), places AS (
         INSERT INTO participants (conversation_id, user_id, change_seq) SELECT $1::uuid, id, 2 * n FROM people
       )
       INSERT INTO messages (id, conversation_id, seq, change_seq, role, content)
       SELECT gen_random_uuid(), $1::uuid, 2 * n - 1, 2 * n - 1, 'system', 'm' FROM generate_series(1, 700) n`,
      [roomId],
    );
    await database.query('UPDATE conversations SET head = 1400 WHERE id = $1', [roomId]);
    await database.end();
    const all = Array.from({ length: 1400 }, (_, index) => index + 1);
    const read = async (ask: (since: number) => Promise<SyncResponse>): Promise<number[]> => {
      const numbers: number[] = [];
      for (let since = 0; ;) {
        const { messages, participants = [], more, until } = await ask(since);
        numbers.push(...[...messages, ...participants].map(({ changeSeq }) => changeSeq).filter((at) => at > 0));
        if (!more) return numbers.sort((one, other) => one - other);
        expect(until).toBeGreaterThan(since);
        since = until!;
      }
    };
    const path = (since: number) => `/conversations/${roomId}/sync?since=${since}`;
    expect(await read(async (since) => (await bob.get<SyncResponse>(path(since))).body)).toEqual(all);
    const client = await bob.socket();
    const join = await client.command('joinChatRoom', { chatRoomId: roomId, since: 0 });
    expect(join).toMatchObject({ more: true });
    const sync = (conversationId: string, since: number) => client.command('sync', { conversationId, since });
    expect(await read(async (since) => (await sync(roomId, since)) as unknown as SyncResponse)).toEqual(all);
    const stream = await open(bob, '?since=0');
    await stream.until(() => stream.lastId === '1400.0', 'number 1400');
    const told = stream.frames.flatMap(({ id }) => (id === null ? [] : [Number(id.split('.')[0])]));
    expect([...new Set(told)].filter((at) => at > 0)).toEqual(all);
  });
});
