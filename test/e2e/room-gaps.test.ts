import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { ChatRoomResponse } from '../../src/chat-rooms/dto/chat-room.response.dto.js';
import type { MessageResponse } from '../../src/messages/dto/message.response.dto.js';
import type { SyncResponse } from '../../src/messages/dto/sync.response.dto.js';
import { TestApp } from '../support/app.js';
import type { ChatClient } from '../support/chat-client.js';
import { createTestDatabase } from '../support/database.js';
import { Rest, type Person } from '../support/person.js';

const SECRET = { JWT_SECRET: 'a secret that both of the servers share' };

describe('changes of a room that a reader was not told', () => {
  let app: TestApp;
  /** Another node on the same database, which tells this one nothing. */
  let silent: TestApp;
  let ada: Person;
  let bob: Person;
  let cyd: Person;
  let dan: Person;
  let id: string;

  beforeAll(async () => {
    const database = await createTestDatabase();
    app = await TestApp.start(SECRET, database);
    silent = await TestApp.start(SECRET, database);
  });
  afterAll(async () => {
    await silent.stop();
    await app.close();
  });
  beforeEach(async () => {
    [ada, bob, cyd, dan] = await Promise.all([app.person(), app.person(), app.person(), app.person()]);
    const participantIds = [bob.id, cyd.id];
    id = (await ada.post<ChatRoomResponse>('/chat-rooms', { type: 'GROUP', name: 'Tea', participantIds })).body.id;
  });
  afterEach(() => {
    for (const person of [ada, bob, cyd, dan]) person.closeSockets();
  });

  const elsewhere = (person: Person) => new Rest(silent.url, person.token);
  const sync = async (person: Person, since: number) =>
    (await person.get<SyncResponse>(`/conversations/${id}/sync?since=${since}`)).body;

  async function inView(person: Person, since?: number): Promise<ChatClient> {
    const client = await person.socket();
    expect(await client.command('joinChatRoom', { chatRoomId: id, since })).toMatchObject({ ok: true });
    return client;
  }

  const say = (person: Person, content: string) =>
    person.post<MessageResponse>(`/chat-rooms/${id}/messages`, { content });

  const heard = (client: ChatClient, content: string) =>
    client.event('newMessage', ({ message }) => (message as MessageResponse).content === content);

  describe('while away', () => {
    it('are in the sync and in the answer to joinChatRoom, the last state of each', async () => {
      await say(ada, 'before');
      const { head: since } = await sync(bob, 0);
      const b = await bob.socket();
      await ada.patch(`/chat-rooms/${id}`, { name: 'Coffee' });
      await ada.post(`/chat-rooms/${id}/participants`, { participantIds: [dan.id] });
      await ada.delete(`/chat-rooms/${id}/participants/${cyd.id}`);
      await ada.patch(`/chat-rooms/${id}`, { name: 'Cocoa', isArchived: true });
      await ada.delete(`/chat-rooms/${id}/participants/${ada.id}`);
      const head = since + 6;
      const participants = [
        expect.objectContaining({ userId: dan.id, role: 'MEMBER', changeSeq: since + 2 }),
        expect.objectContaining({ userId: cyd.id, leftAt: expect.any(String), changeSeq: since + 3 }),
        expect.objectContaining({ userId: ada.id, leftAt: expect.any(String), changeSeq: since + 5 }),
        expect.objectContaining({ userId: bob.id, role: 'OWNER', changeSeq: head }),
      ];
      const settings = { id, name: 'Cocoa', isArchived: true };
      const expected = { head, messages: [], participants, chatRoom: settings, more: false };
      expect(await sync(bob, since)).toMatchObject(expected);
      expect(await b.command('sync', { conversationId: id, since })).toMatchObject({ ok: true, ...expected });
      const joined = await b.command('joinChatRoom', { chatRoomId: id, since });
      expect(joined).toMatchObject({ ok: true, head, messages: [], participants, chatRoom: settings });
      expect((joined['chatRoom'] as ChatRoomResponse).participants.map(({ userId }) => userId)).toEqual([
        bob.id,
        dan.id,
      ]);
      // Once that is known nothing is left.
      expect(await sync(bob, head)).toEqual({ conversationId: id, head, messages: [], participants: [], more: false });
    });

    it('begin with the settings that the room was made with', async () => {
      expect((await sync(bob, 0)).chatRoom).toMatchObject({ name: 'Tea', type: 'GROUP', isArchived: false });
    });

    it('are the positions of readers, too', async () => {
      const { body } = await say(ada, 'read this');
      const { head } = await sync(ada, 0);
      await bob.post(`/chat-rooms/${id}/read`, { seq: body.seq });
      expect((await sync(ada, head)).participants).toMatchObject([{ userId: bob.id, lastReadSeq: body.seq }]);
    });
  });

  describe('while the room is in view', () => {
    it('are told when the next number shows that one is missing', async () => {
      const b = await inView(bob);
      await elsewhere(ada).patch(`/chat-rooms/${id}`, { name: 'Coffee' });
      await elsewhere(ada).post(`/chat-rooms/${id}/participants`, { participantIds: [dan.id] });
      await say(ada, 'after it');
      await heard(b, 'after it');
      const told = await b.event('chatRoomUpdated');
      const { updatedChatRoom } = told as { updatedChatRoom: ChatRoomResponse };
      expect(updatedChatRoom).toMatchObject({ id, name: 'Coffee' });
      expect(updatedChatRoom.participants.map(({ userId }) => userId)).toContain(dan.id);
      await say(ada, 'and on');
      await heard(b, 'and on');
      expect(b.all('chatRoomUpdated')).toHaveLength(1);
    });

    it('do not stop what comes after them, even if no message follows', async () => {
      const b = await inView(bob);
      await elsewhere(ada).post(`/chat-rooms/${id}/participants`, { participantIds: [dan.id] });
      await ada.patch(`/chat-rooms/${id}`, { name: 'Coffee' });
      await b.event(
        'chatRoomUpdated',
        ({ updatedChatRoom }) => (updatedChatRoom as ChatRoomResponse).name === 'Coffee',
      );
      await ada.patch(`/chat-rooms/${id}`, { name: 'Cocoa' });
      await b.event('chatRoomUpdated', ({ updatedChatRoom }) => (updatedChatRoom as ChatRoomResponse).name === 'Cocoa');
    });

    it('silence whoever was removed before anything later is told', async () => {
      const [b, c] = await Promise.all([inView(bob), inView(cyd)]);
      expect((await elsewhere(ada).delete(`/chat-rooms/${id}/participants/${cyd.id}`)).status).toBe(200);
      await say(bob, 'a secret');
      await heard(b, 'a secret');
      expect(await c.event('removedFromChatRoom')).toMatchObject({ chatRoomId: id });
      expect(await c.command('sendMessage', { chatRoomId: id, content: 'hello?' })).toMatchObject({
        error: { code: 'CHAT_ROOM_NOT_FOUND' },
      });
      expect(JSON.stringify(c.received)).not.toContain('a secret');
      const { updatedChatRoom } = (await b.event('chatRoomUpdated')) as { updatedChatRoom: ChatRoomResponse };
      expect(updatedChatRoom.participants.map(({ userId }) => userId)).toEqual([ada.id, bob.id]);
    });

    it('make no noise when they are receipts only', async () => {
      const b = await inView(bob);
      const { body } = await say(ada, 'read this');
      await heard(b, 'read this');
      await elsewhere(cyd).post(`/chat-rooms/${id}/read`, { seq: body.seq });
      await say(ada, 'after it');
      await heard(b, 'after it');
      expect(b.all('chatRoomUpdated')).toEqual([]);
    });
  });
});
