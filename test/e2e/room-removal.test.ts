import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { ChatRoomResponse } from '../../src/chat-rooms/dto/chat-room.response.dto.js';
import type { MessageResponse } from '../../src/messages/dto/message.response.dto.js';
import type { SyncResponse } from '../../src/messages/dto/sync.response.dto.js';
import { MessagesRepository } from '../../src/messages/messages.repository.js';
import { TestApp } from '../support/app.js';
import type { Ack, ChatClient } from '../support/chat-client.js';
import type { Answer, Person } from '../support/person.js';

const ROUNDS = Number(process.env['ROUNDS'] ?? 15);

describe('whoever is removed from a room', () => {
  let app: TestApp;
  let ada: Person;
  let bob: Person;
  let cyd: Person;

  beforeAll(async () => {
    app = await TestApp.start();
  });
  afterAll(() => app.close());
  beforeEach(async () => {
    [ada, bob, cyd] = await Promise.all([app.person(), app.person(), app.person()]);
  });
  afterEach(() => {
    for (const person of [ada, bob, cyd]) person.closeSockets();
  });

  async function group(): Promise<string> {
    const answer = await ada.post<ChatRoomResponse>('/chat-rooms', {
      type: 'GROUP',
      participantIds: [bob.id, cyd.id],
    });
    expect(answer.status).toBe(201);
    return answer.body.id;
  }

  async function inView(person: Person, chatRoomId: string): Promise<ChatClient> {
    const client = await person.socket();
    expect(await client.command('joinChatRoom', { chatRoomId })).toMatchObject({ ok: true });
    return client;
  }

  const remove = (chatRoomId: string) => ada.delete(`/chat-rooms/${chatRoomId}/participants/${cyd.id}`);
  const addAgain = (chatRoomId: string) =>
    ada.post(`/chat-rooms/${chatRoomId}/participants`, { participantIds: [cyd.id] });

  /** The number of the removal. */
  async function removedAt(chatRoomId: string): Promise<number> {
    const { participants = [] } = (await ada.get<SyncResponse>(`/conversations/${chatRoomId}/sync?since=0`)).body;
    const place = participants.find(({ userId }) => userId === cyd.id);
    expect(place).toMatchObject({ leftAt: expect.any(String) });
    return place?.changeSeq ?? 0;
  }

  it('cannot put a word in any more, however close the race', async () => {
    const id = await group();
    const b = await inView(bob, id);
    const sockets = await Promise.all([inView(cyd, id), cyd.socket()]);
    const taken = { before: 0, refused: 0 };
    for (let round = 0; round < ROUNDS; round++) {
      if (round > 0) await addAgain(id);
      const own = await cyd.post<MessageResponse>(`/chat-rooms/${id}/messages`, { content: 'mine' });
      const overSockets = sockets.flatMap((socket, index) => [
        ...Array.from({ length: 4 }, (_, n) =>
          socket.command('sendMessage', { chatRoomId: id, content: `${round} ${index} ${n}` }),
        ),
        socket.command('editMessage', { messageId: own.body.id, content: `edited ${index}` }),
      ]);
      const overRest = Array.from({ length: 4 }, (_, n) =>
        cyd.post<MessageResponse & { code?: string }>(`/chat-rooms/${id}/messages`, { content: `${round} rest ${n}` }),
      );
      const [removal] = await Promise.all([remove(id), ...overSockets, ...overRest]);
      expect(removal.status).toBe(200);
      const number = await removedAt(id);
      const refusals: (string | undefined)[] = [];
      const note = (message: MessageResponse | undefined, code: string | undefined) => {
        if (!message) refusals.push(code);
        else expect(message.changeSeq).toBeLessThan(number);
        taken[message ? 'before' : 'refused']++;
      };
      for (const ack of await Promise.all(overSockets)) note(ack['message'] as MessageResponse, ack.error?.code);
      for (const { status, body } of await Promise.all(overRest)) note(status === 201 ? body : undefined, body.code);
      for (const code of refusals) expect(['CHAT_ROOM_NOT_FOUND', 'MESSAGE_NOT_FOUND']).toContain(code);
      const { messages } = (await ada.get<SyncResponse>(`/conversations/${id}/sync?since=${number}`)).body;
      expect(messages.filter(({ senderId }) => senderId === cyd.id)).toEqual([]);
    }
    await b.command('presence', { userIds: [] });
    // What a reader saw of the removed person after the removal: nothing.
    for (const [at, { event, payload }] of b.received.entries()) {
      if (event !== 'participantRemoved') continue;
      const next = b.received.findIndex(({ event: name }, index) => index > at && name === 'participantsAdded');
      const after = b.received.slice(at + 1, next < 0 ? undefined : next);
      const heard = after.filter(
        ({ event: name, payload: { message } }) =>
          /^(newMessage|messageUpdated)$/.test(name) &&
          (message as MessageResponse).senderId === payload['removedUserId'],
      );
      expect(heard).toEqual([]);
    }
    console.info(`sent around ${ROUNDS} removals: ${taken.before} were before, ${taken.refused} refused`);
    expect(taken.refused).toBeGreaterThan(0);
  });

  it('reads nothing of what is said later, however close the race', async () => {
    const id = await group();
    const c = await inView(cyd, id);
    const a = await ada.socket();
    const answers: (Answer | Ack)[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      if (round > 0) await addAgain(id);
      let isOver = false;
      const ask = async (question: () => Promise<Answer | Ack>) => {
        while (!isOver) answers.push(await question());
      };
      const asking = [
        ask(() => cyd.get(`/chat-rooms/${id}/messages`)),
        ask(() => cyd.get(`/chat-rooms/${id}/messages?after=0`)),
        ask(() => cyd.get(`/conversations/${id}/sync?since=0`)),
        ask(() => cyd.get(`/chat-rooms/${id}`)),
        ask(() => cyd.get('/messages/search?q=secret')),
        ask(() => c.command('sync', { conversationId: id, since: 0 })),
        ask(() => c.command('joinChatRoom', { chatRoomId: id, since: 0 })),
      ];
      await remove(id);
      const [secret] = await Promise.all([a.command('sendMessage', { chatRoomId: id, content: 'a secret' })]);
      await ada.get(`/chat-rooms/${id}`);
      isOver = true;
      await Promise.all(asking);
      const { id: messageId } = secret['message'] as MessageResponse;
      expect(JSON.stringify(answers)).not.toContain('a secret');
      expect((await cyd.get(`/messages/${messageId}/revisions`)).status).toBe(404);
      await ada.delete(`/messages/${messageId}`);
    }
    expect(JSON.stringify(c.received)).not.toContain('a secret');
    expect(answers.some((answer) => 'status' in answer && answer.status === 404)).toBe(true);
  });

  it('reads nothing even when the removal comes between the look at who is in and the reading', async () => {
    const repository = app.get(MessagesRepository);
    for (const [path, method] of [
      ['/chat-rooms/:id/messages', 'pageBefore'],
      ['/chat-rooms/:id/messages?after=0', 'pageAfter'],
      ['/conversations/:id/sync?since=0', 'changesSince'],
    ] as const) {
      const id = await group();
      const read = repository[method].bind(repository) as (...args: unknown[]) => Promise<never>;
      const slow = jest.spyOn(repository, method).mockImplementationOnce(async (...args: unknown[]) => {
        await remove(id);
        await ada.post(`/chat-rooms/${id}/messages`, { content: 'a secret' });
        return read(...args);
      });
      const answer = await cyd.get<{ code: string }>(path.replace(':id', id));
      expect(slow).toHaveBeenCalled();
      slow.mockRestore();
      expect([path, answer.status, JSON.stringify(answer.body)]).toEqual([
        path,
        404,
        expect.not.stringContaining('secret'),
      ]);
    }
  });

  it('hears no event of the room on any connection, and is not heard typing', async () => {
    const id = await group();
    const b = await inView(bob, id);
    const sockets = await Promise.all([inView(cyd, id), inView(cyd, id), cyd.socket()]);
    for (let round = 0; round < ROUNDS; round++) {
      if (round > 0) {
        await addAgain(id);
        for (const socket of sockets.slice(0, 2)) await socket.command('joinChatRoom', { chatRoomId: id });
      }
      const typing = sockets.map((socket) => socket.command('typing', { chatRoomId: id, isTyping: true }));
      if (round % 2) await Promise.all(typing);
      const [removal] = await Promise.all([
        remove(id),
        ...sockets.map((socket) => socket.command('typing', { chatRoomId: id, isTyping: true })),
      ]);
      expect(removal.status).toBe(200);
      const places = await Promise.all(
        sockets.map(async (socket) => {
          await socket.until(() => socket.all('removedFromChatRoom').length === round + 1, 'removedFromChatRoom');
          return socket.received.length;
        }),
      );
      const marker = await bob.post<MessageResponse>(`/chat-rooms/${id}/messages`, { content: `after ${round}` });
      await ada.patch(`/chat-rooms/${id}`, { name: `Name ${round}` });
      await b.event('chatRoomUpdated', ({ updatedChatRoom }) => {
        return (updatedChatRoom as ChatRoomResponse).name === `Name ${round}`;
      });
      await Promise.all(sockets.map((socket) => socket.command('presence', { userIds: [] })));
      for (const [index, socket] of sockets.entries()) expect(socket.received.slice(places[index])).toEqual([]);
      // Everybody was told the end of the typing before the next word, and not by the clock.
      const said = b.received.findIndex(
        ({ payload: { message } }) => (message as MessageResponse | undefined)?.id === marker.body.id,
      );
      const last = b.received.slice(0, said).findLast(({ event }) => event === 'userTyping');
      expect(last?.payload['isTyping'] ?? false).toBe(false);
      expect(b.received.slice(said).map(({ event }) => event)).not.toContain('userTyping');
    }
    const told = b.all('userTyping').map(({ isTyping }) => isTyping);
    expect(told.filter(Boolean).length).toBeGreaterThan(0);
    expect(told.filter(Boolean)).toHaveLength(told.length / 2);
  });

  it('is silenced in the same way when the room is deleted, and when the account is erased', async () => {
    const [id, other] = [await group(), await group()];
    const [b, c] = [await inView(bob, id), await inView(cyd, id)];
    await inView(cyd, other);
    const o = await inView(bob, other);
    await c.command('typing', { chatRoomId: id, isTyping: true });
    expect((await ada.delete(`/chat-rooms/${id}`)).status).toBe(200);
    for (const client of [b, c]) await client.event('removedFromChatRoom', ({ chatRoomId }) => chatRoomId === id);
    for (const person of [ada, bob, cyd]) expect((await person.get(`/chat-rooms/${id}/messages`)).status).toBe(404);
    expect((await cyd.delete('/users/me')).status).toBe(204);
    await c.event('disconnect');
    await o.event('participantRemoved', ({ removedUserId }) => removedUserId === cyd.id);
    expect((await cyd.get(`/chat-rooms/${other}`)).status).toBe(401);
  });
});
