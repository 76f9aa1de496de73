import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { MOST_PARTICIPANTS } from '../../src/chat-rooms/chat-room.js';
import type { ChatRoomResponse } from '../../src/chat-rooms/dto/chat-room.response.dto.js';
import { PrismaService } from '../../src/prisma/prisma.service.js';
import { TestApp } from '../support/app.js';
import type { Person } from '../support/person.js';

describe('the limits of rooms', () => {
  let app: TestApp;
  let ada: Person;
  let bob: Person;
  let cyd: Person;
  let crowd: string[];

  beforeAll(async () => {
    app = await TestApp.start();
    crowd = Array.from({ length: MOST_PARTICIPANTS }, () => randomUUID());
    await app.get(PrismaService).user.createMany({ data: crowd.map((id, index) => ({ id, name: `Crowd ${index}` })) });
  });
  afterAll(() => app.close());
  beforeEach(async () => {
    [ada, bob, cyd] = await Promise.all([app.person(), app.person(), app.person()]);
  });
  afterEach(() => {
    for (const person of [ada, bob, cyd]) person.closeSockets();
  });

  const make = (owner: Person, participantIds: string[], more: object = {}) =>
    owner.post<ChatRoomResponse & { code?: string }>('/chat-rooms', { type: 'GROUP', participantIds, ...more });
  const add = (id: string, ...participantIds: string[]) =>
    ada.post<ChatRoomResponse & { code?: string }>(`/chat-rooms/${id}/participants`, { participantIds });
  const leave = (person: Person, id: string, userId = person.id) =>
    person.delete<{ code?: string }>(`/chat-rooms/${id}/participants/${userId}`);
  const roles = async (person: Person, id: string) =>
    (await person.get<ChatRoomResponse>(`/chat-rooms/${id}`)).body.participants.map(({ userId, role }) => [
      userId,
      role,
    ]);

  it('are a thousand people, however they come in', async () => {
    expect((await make(ada, crowd)).body.code).toBe('CHAT_ROOM_FULL');
    const full = await make(ada, crowd.slice(1));
    expect(full.status).toBe(201);
    expect(full.body.participants).toHaveLength(MOST_PARTICIPANTS);
    expect((await add(full.body.id, bob.id)).body.code).toBe('CHAT_ROOM_FULL');
    // Those who are in already take no place, and a place that was given back is free.
    expect((await add(full.body.id, crowd[1] as string)).status).toBe(201);
    expect((await leave(ada, full.body.id, crowd[1])).status).toBe(200);
    const b = await bob.socket();
    expect((await add(full.body.id, bob.id)).status).toBe(201);
    expect(await b.event('addedToChatRoom')).toEqual({ chatRoomId: full.body.id, addedBy: ada.id });
    expect(await b.command('joinChatRoom', { chatRoomId: full.body.id })).toMatchObject({ ok: true });
  });

  it('hold when the last places are given away twice at once', async () => {
    const { id } = (await make(ada, crowd.slice(20))).body;
    const free = MOST_PARTICIPANTS - (crowd.length - 20) - 1;
    // Where the machine is too busy for twenty at once, some are told to come again.
    const addPatiently = async (userId: string): Promise<Awaited<ReturnType<typeof add>>> => {
      const answer = await add(id, userId);
      return answer.status === 503 ? addPatiently(userId) : answer;
    };
    const answers = await Promise.all(crowd.slice(0, 20).map(addPatiently));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(free);
    expect(new Set(answers.filter(({ status }) => status !== 201).map(({ body }) => body.code))).toEqual(
      new Set(['CHAT_ROOM_FULL']),
    );
    expect(await roles(ada, id)).toHaveLength(MOST_PARTICIPANTS);
  });

  it('are names that say something and fit a line', async () => {
    const { id } = (await make(ada, [bob.id], { name: 'x'.repeat(200) })).body;
    const a = await ada.socket();
    for (const name of ['', '   ', '\n\t', 'x'.repeat(201), 'a\0b', 'a\ud800', 7, ['a'], { a: 1 }]) {
      expect([name, (await make(ada, [bob.id], { name })).status]).toEqual([name, 400]);
      expect([name, (await ada.patch(`/chat-rooms/${id}`, { name })).status]).toEqual([name, 400]);
      const acks = [
        await a.command('updateChatRoom', { chatRoomId: id, updates: { name } }),
        await a.command('createChatRoom', { type: 'GROUP', participantIds: [], name }),
      ];
      for (const ack of acks) expect(ack).toMatchObject({ ok: false, error: { code: 'VALIDATION_FAILED' } });
    }
    expect((await bob.get<ChatRoomResponse>(`/chat-rooms/${id}`)).body.name).toBe('x'.repeat(200));
    for (const name of ['😀', '<b>&amp;</b>', '\u202eabc']) {
      await ada.patch(`/chat-rooms/${id}`, { name });
      expect((await bob.get<ChatRoomResponse>(`/chat-rooms/${id}`)).body.name).toBe(name);
    }
  });

  it('are one DIRECT room a pair, asked for fifty times at once over sockets and REST by both', async () => {
    const [a, b] = await Promise.all([ada.socket(), bob.socket()]);
    const asking = Array.from({ length: 50 }, async (_, index): Promise<string> => {
      const [person, socket, other] = index % 2 ? [ada, a, bob] : [bob, b, ada];
      const input = { type: 'DIRECT', participantIds: [index % 3 ? other.id : other.id.toUpperCase()] };
      if (index % 4 < 2) return (await person.post<ChatRoomResponse>('/chat-rooms', input)).body.id;
      return ((await socket.command('createChatRoom', input))['chatRoom'] as ChatRoomResponse).id;
    });
    const ids = new Set(await Promise.all(asking));
    expect(ids.size).toBe(1);
    const [id = ''] = ids;
    for (const person of [ada, bob]) {
      expect((await person.get<unknown[]>('/chat-rooms')).body).toHaveLength(1);
      expect((await leave(person, id)).body.code).toBe('CHAT_ROOM_IS_DIRECT');
    }
    expect((await roles(ada, id)).map(([userId]) => userId).sort()).toEqual([ada.id, bob.id].sort());
    expect((await add(id, cyd.id)).body.code).toMatch(/CHAT_ROOM_IS_DIRECT|FORBIDDEN/);
    // Another pair has another room.
    const other = await cyd.post<ChatRoomResponse>('/chat-rooms', { type: 'DIRECT', participantIds: [ada.id] });
    expect(other.body.id).not.toBe(id);
  });

  it('find people to add by their names, who are in afterwards', async () => {
    const name = `Grace ${randomUUID()}`;
    await cyd.patch('/users/me', { name });
    const found = await ada.get<{ id: string; name: string }[]>(`/users?search=${encodeURIComponent(name)}`);
    expect(found.body).toEqual([{ id: cyd.id, name }]);
    const { id } = (await make(ada, [bob.id])).body;
    expect((await add(id, ...found.body.map((person) => person.id))).body.participants).toHaveLength(3);
    expect((await cyd.get<ChatRoomResponse[]>('/chat-rooms')).body).toMatchObject([{ id }]);
  });

  it('never leave a room without an OWNER, and none without people', async () => {
    const { id } = (await make(ada, [bob.id, cyd.id])).body;
    expect((await leave(bob, id, ada.id)).body.code).toBe('FORBIDDEN');
    expect((await leave(ada, id, randomUUID())).body.code).toBe('PARTICIPANT_NOT_FOUND');
    // All go at once: whoever is left at any moment owns it.
    const left = await Promise.all([ada, bob].map((person) => leave(person, id)));
    expect(left.map(({ status }) => status)).toEqual([200, 200]);
    expect(await roles(cyd, id)).toEqual([[cyd.id, 'OWNER']]);
    expect((await cyd.patch(`/chat-rooms/${id}`, { name: 'Mine' })).status).toBe(200);
    expect((await leave(cyd, id)).status).toBe(200);
    expect(await app.get(PrismaService).conversation.count({ where: { id } })).toBe(0);
  });
});
