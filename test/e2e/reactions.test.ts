import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { ChatRoomResponse } from '../../src/chat-rooms/dto/chat-room.response.dto.js';
import type { MessageResponse } from '../../src/messages/dto/message.response.dto.js';
import type { SyncResponse } from '../../src/messages/dto/sync.response.dto.js';
import { TestApp } from '../support/app.js';
import type { ChatClient } from '../support/chat-client.js';
import type { Person } from '../support/person.js';

describe('reactions', () => {
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

  async function roomOf(owner: Person, ...others: Person[]): Promise<{ chatRoomId: string; messageId: string }> {
    const participantIds = others.map(({ id }) => id);
    const room = await owner.post<ChatRoomResponse>('/chat-rooms', { type: 'GROUP', participantIds });
    const said = await owner.post<MessageResponse>(`/chat-rooms/${room.body.id}/messages`, { content: 'Tea?' });
    return { chatRoomId: room.body.id, messageId: said.body.id };
  }

  async function inView(person: Person, chatRoomId: string): Promise<ChatClient> {
    const client = await person.socket();
    expect(await client.command('joinChatRoom', { chatRoomId })).toMatchObject({ ok: true });
    return client;
  }

  const settled = (client: ChatClient) => client.command('presence', { userIds: [] });
  const at = (messageId: string, emoji: string) => `/messages/${messageId}/reactions/${encodeURIComponent(emoji)}`;
  const sync = async (person: Person, id: string, since: number) =>
    (await person.get<SyncResponse>(`/conversations/${id}/sync?since=${since}`)).body;

  it('are told to everybody who looks at the room, whichever door they came through, and once', async () => {
    const { chatRoomId, messageId } = await roomOf(ada, bob);
    const [a, b] = await Promise.all([inView(ada, chatRoomId), inView(bob, chatRoomId)]);
    expect((await ada.post(at(messageId, '👍'))).status).toBe(200);
    const ack = await b.command('react', { messageId, emoji: '👍', on: true });
    const reactions = [{ emoji: '👍', count: 2, userIds: [ada.id, bob.id] }];
    expect(ack).toMatchObject({ ok: true, message: { id: messageId, seq: 1, changeSeq: 3, reactions } });
    expect((await bob.delete(at(messageId, '👍'))).body).toMatchObject({ changeSeq: 4 });
    for (const client of [a, b]) {
      await client.event('messageReaction', ({ changeSeq }) => changeSeq === 4);
      const one = { chatRoomId, messageId, emoji: '👍' };
      const adas = [{ emoji: '👍', count: 1, userIds: [ada.id] }];
      expect(client.all('messageReaction')).toEqual([
        { ...one, userId: ada.id, on: true, changeSeq: 2, reactions: adas },
        { ...one, userId: bob.id, on: true, changeSeq: 3, reactions },
        { ...one, userId: bob.id, on: false, changeSeq: 4, reactions: adas },
      ]);
    }
  });

  it('are on the message in every way of reading it, also for who was away', async () => {
    const { chatRoomId, messageId } = await roomOf(ada, bob);
    await bob.post(at(messageId, '🎉'));
    await ada.post(at(messageId, '👍'));
    await ada.post(at(messageId, '🎉'));
    const reactions = [
      { emoji: '🎉', count: 2, userIds: [bob.id, ada.id] },
      { emoji: '👍', count: 1, userIds: [ada.id] },
    ];
    expect(await sync(bob, chatRoomId, 1)).toMatchObject({ head: 4, messages: [{ id: messageId, reactions }] });
    expect((await bob.get(`/chat-rooms/${chatRoomId}/messages`)).body).toMatchObject([{ reactions }]);
    const joined = await (await bob.socket()).command('joinChatRoom', { chatRoomId, since: 3 });
    expect(joined).toMatchObject({ head: 4, messages: [{ id: messageId, reactions }] });
    expect(await sync(bob, chatRoomId, 4)).toMatchObject({ head: 4, messages: [] });
  });

  it('count once a person, emoji and message, however often at once they are asked for', async () => {
    const { chatRoomId, messageId } = await roomOf(ada, bob);
    const client = await inView(bob, chatRoomId);
    // With and without the selector that makes it colourful it is the same emoji.
    const asks = Array.from({ length: 20 }, (_, index) => bob.post(at(messageId, index % 2 ? '❤️' : '❤')));
    for (const { status } of await Promise.all(asks)) expect(status).toBe(200);
    await client.command('react', { messageId, emoji: '❤', on: true });
    await settled(client);
    expect(client.all('messageReaction')).toHaveLength(1);
    expect(await sync(ada, chatRoomId, 0)).toMatchObject({
      head: 2,
      messages: [{ reactions: [{ emoji: '❤️', count: 1, userIds: [bob.id] }] }],
    });
    await Promise.all(Array.from({ length: 5 }, () => bob.delete(at(messageId, '❤'))));
    expect(await sync(ada, chatRoomId, 2)).toMatchObject({ head: 3, messages: [{ reactions: [] }] });
  });

  it('are one emoji of at most twenty different ones', async () => {
    const { messageId } = await roomOf(ada, bob);
    const client = await bob.socket();
    for (const emoji of ['x', '👍👍', '', '👍'.repeat(100), '<img>']) {
      const ack = await client.command('react', { messageId, emoji, on: true });
      expect(ack).toMatchObject({ error: { code: 'VALIDATION_FAILED' } });
      if (emoji !== '')
        expect((await bob.post(at(messageId, emoji))).body).toMatchObject({ code: 'VALIDATION_FAILED' });
    }
    const many = Array.from({ length: 20 }, (_, index) => String.fromCodePoint(0x1f600 + index));
    for (const emoji of many) expect((await bob.post(at(messageId, emoji))).status).toBe(200);
    const oneMore = await ada.post(at(messageId, '👍'));
    expect([oneMore.status, oneMore.body]).toMatchObject([409, { code: 'TOO_MANY_REACTIONS' }]);
    expect((await ada.post(at(messageId, many[7] ?? ''))).status).toBe(200);
    expect((await bob.delete(at(messageId, many[0] ?? ''))).status).toBe(200);
    expect((await ada.post(at(messageId, '👍'))).status).toBe(200);
  });

  it('are nothing for those who are outside, and end with the message', async () => {
    const { chatRoomId, messageId } = await roomOf(ada, bob);
    const c = await cyd.socket();
    for (const on of [true, false])
      expect(await c.command('react', { messageId, emoji: '👍', on })).toMatchObject({
        error: { code: 'MESSAGE_NOT_FOUND' },
      });
    await bob.post(at(messageId, '👍'));
    expect((await ada.delete<MessageResponse>(`/messages/${messageId}`)).body).toMatchObject({ reactions: [] });
    expect((await bob.post(at(messageId, '👍'))).body).toMatchObject({ code: 'MESSAGE_DELETED' });
    await ada.delete(`/chat-rooms/${chatRoomId}/participants/${bob.id}`);
    expect((await bob.post(at(messageId, '👍'))).body).toMatchObject({ code: 'MESSAGE_NOT_FOUND' });
  });

  it('work in an AI session for its owner, as a change of the message', async () => {
    const sessionId = await ada.session();
    await ada.post('/messages/stream', { sessionId, prompt: 'Tea?' });
    const client = await ada.socket();
    await client.command('join', { sessionId });
    const [question, answer] = await ada.messages(sessionId);
    expect(question).not.toHaveProperty('reactions');
    const reactions = [{ emoji: '👎', count: 1, userIds: [ada.id] }];
    expect((await ada.post(at(answer?.id ?? '', '👎'))).body).toMatchObject({ content: answer?.content, reactions });
    expect(await client.event('message:update')).toMatchObject({ id: answer?.id, content: answer?.content, reactions });
    expect((await bob.post(at(answer?.id ?? '', '👎'))).body).toMatchObject({ code: 'MESSAGE_NOT_FOUND' });
  });

  it('and names go with the texts of a person who is erased', async () => {
    const { chatRoomId, messageId } = await roomOf(ada, bob, cyd);
    await bob.post(at(messageId, '👍'));
    await ada.post(`/chat-rooms/${chatRoomId}/messages`, { content: `@${bob.id}` });
    expect((await ada.delete('/users/me')).status).toBe(204);
    const emptied = { content: '', reactions: [], mentions: [] };
    expect((await bob.get(`/chat-rooms/${chatRoomId}/messages`)).body).toMatchObject([emptied, emptied]);
    expect((await bob.get('/users/me/mentions')).body).toEqual([]);
    expect((await bob.get('/users/me/export')).body).toMatchObject({ reactions: [] });
  });

  it('go with the person who is erased, as changes that the others catch up with', async () => {
    const { chatRoomId, messageId } = await roomOf(ada, bob);
    await bob.post(at(messageId, '👍'));
    await ada.post(at(messageId, '👍'));
    expect((await bob.get('/users/me/export')).body).toMatchObject({ reactions: [{ messageId, emoji: '👍' }] });
    const { head } = await sync(ada, chatRoomId, 0);
    const a = await inView(ada, chatRoomId);
    expect((await bob.delete('/users/me')).status).toBe(204);
    expect(await a.event('messageReaction')).toMatchObject({ userId: bob.id, on: false });
    expect(await sync(ada, chatRoomId, head)).toMatchObject({
      messages: [{ id: messageId, reactions: [{ emoji: '👍', count: 1, userIds: [ada.id] }] }],
    });
  });
});
