import { isDeepStrictEqual } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { ChatRoomResponse } from '../../src/chat-rooms/dto/chat-room.response.dto.js';
import type { MessageResponse } from '../../src/messages/dto/message.response.dto.js';
import type { SyncResponse } from '../../src/messages/dto/sync.response.dto.js';
import { TestApp } from '../support/app.js';
import type { ChatClient } from '../support/chat-client.js';
import type { Person } from '../support/person.js';

const ABSENT = { ok: false, error: { code: 'CHAT_ROOM_NOT_FOUND', message: expect.any(String) } };

describe('chat rooms', () => {
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

  async function group(owner: Person, ...others: Person[]): Promise<string> {
    const answer = await owner.post<ChatRoomResponse>('/chat-rooms', {
      type: 'GROUP',
      name: 'Tea',
      participantIds: others.map(({ id }) => id),
    });
    expect(answer.status).toBe(201);
    return answer.body.id;
  }

  async function inView(person: Person, chatRoomId: string): Promise<ChatClient> {
    const client = await person.socket();
    expect(await client.command('joinChatRoom', { chatRoomId })).toMatchObject({ ok: true });
    return client;
  }

  /** What a client that was asked something afterwards must have got before. */
  const settled = (client: ChatClient) => client.command('presence', { userIds: [] });

  const say = (client: ChatClient, chatRoomId: string, content: string, more: object = {}) =>
    client.command('sendMessage', { chatRoomId, content, ...more });

  const sync = async (person: Person, id: string, since = 0) =>
    (await person.get<SyncResponse>(`/conversations/${id}/sync?since=${since}`)).body;

  const room = async (person: Person, id: string) => (await person.get<ChatRoomResponse>(`/chat-rooms/${id}`)).body;

  describe('making them', () => {
    it('tells everybody in a new room, and counts it at the next connection', async () => {
      const [a, b] = await Promise.all([ada.socket(), bob.socket()]);
      const ack = await a.command('createChatRoom', { name: 'Tea', type: 'GROUP', participantIds: [bob.id] });
      const { chatRoom } = ack as unknown as { chatRoom: ChatRoomResponse };
      expect(chatRoom).toMatchObject({ name: 'Tea', type: 'GROUP', isArchived: false, unreadCount: 0 });
      expect(chatRoom.participants.map(({ userId, role }) => [userId, role])).toEqual([
        [ada.id, 'OWNER'],
        [bob.id, 'MEMBER'],
      ]);
      for (const client of [a, b]) {
        expect(await client.event('chatRoomCreated')).toEqual({ ...chatRoom, chatRoom });
        expect(client.all('chatRoomCreated')).toHaveLength(1);
      }
      expect(await (await bob.socket()).event('connected')).toMatchObject({ chatRooms: 1 });
    });

    it('makes one DIRECT room a pair, whoever of them asks and however often at once', async () => {
      const ask = (from: Person, to: Person) =>
        from.post<ChatRoomResponse>('/chat-rooms', { type: 'DIRECT', participantIds: [to.id] });
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, index) => (index % 2 ? ask(ada, bob) : ask(bob, ada))),
      );
      expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(201));
      expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
      expect((await ada.get<ChatRoomResponse[]>('/chat-rooms')).body).toHaveLength(1);
      const client = await bob.socket();
      const again = await client.command('createChatRoom', { type: 'DIRECT', participantIds: [ada.id] });
      expect(again).toMatchObject({ ok: true, chatRoom: { id: answers[0]?.body.id } });
      expect(await client.event('chatRoomCreated')).toMatchObject({ id: answers[0]?.body.id });
    });

    it('refuses unknown people, and a DIRECT room that is not of two', async () => {
      const make = (type: string, participantIds: string[]) => ada.post('/chat-rooms', { type, participantIds });
      expect((await make('GROUP', ['00000000-0000-7000-8000-000000000000'])).body).toMatchObject({
        code: 'USER_NOT_FOUND',
      });
      for (const ids of [[], [ada.id], [bob.id, cyd.id]]) expect((await make('DIRECT', ids)).status).toBe(400);
    });

    it('makes a room once for an Idempotency-Key', async () => {
      const make = () =>
        ada.post<ChatRoomResponse>(
          '/chat-rooms',
          { type: 'GROUP', participantIds: [bob.id] },
          { 'idempotency-key': 'k1' },
        );
      const first = await make();
      const second = await make();
      expect(second.body).toEqual(first.body);
      expect(second.headers.get('idempotent-replayed')).toBe('true');
    });
  });

  describe('talking', () => {
    it('reaches the view of the room, the sender included, and only hints to those who do not look', async () => {
      const id = await group(ada, bob, cyd);
      const [a, b] = await Promise.all([inView(ada, id), inView(bob, id)]);
      const c = await cyd.socket();
      const ack = await say(a, id, 'Hello', {
        clientMessageId: 'c1',
        fileUrl: 'https://example.com/tea.png',
        fileName: 'tea.png',
        fileSize: 5_000_000_000,
      });
      const message = ack['message'] as MessageResponse;
      expect(message).toMatchObject({
        chatRoomId: id,
        senderId: ada.id,
        sender: { id: ada.id, role: 'user' },
        content: 'Hello',
        seq: 1,
        fileUrl: 'https://example.com/tea.png',
        fileName: 'tea.png',
        fileSize: 5_000_000_000,
        isRead: false,
      });
      for (const client of [a, b]) expect(await client.event('newMessage')).toEqual({ chatRoomId: id, message });
      expect(await a.event('messageSent')).toEqual({ messageId: message.id, chatRoomId: id, clientMessageId: 'c1' });
      expect(await c.event('chatUpdated')).toEqual({ chatRoomId: id });
      await Promise.all([a, b, c].map(settled));
      expect([a, b].flatMap((client) => client.all('chatUpdated'))).toEqual([]);
      expect(b.all('messageSent')).toEqual([]);
      expect(c.all('newMessage')).toEqual([]);
    });

    it('stores a repeated message once, and refuses another text under its id', async () => {
      const id = await group(ada, bob);
      const [a, b] = await Promise.all([inView(ada, id), inView(bob, id)]);
      const answers = await Promise.all(Array.from({ length: 10 }, () => say(a, id, 'Once', { clientMessageId: 'x' })));
      expect(new Set(answers.map((ack) => (ack['message'] as MessageResponse).id)).size).toBe(1);
      expect(await say(a, id, 'Twice', { clientMessageId: 'x' })).toMatchObject({
        error: { code: 'IDEMPOTENCY_KEY_REUSED' },
      });
      await settled(b);
      expect(b.all('newMessage')).toHaveLength(1);
    });

    it('gives everybody the same order, whoever speaks through whatever door', async () => {
      const id = await group(ada, bob, cyd);
      const clients = await Promise.all([ada, bob, cyd].map((person) => inView(person, id)));
      const people = [ada, bob, cyd];
      const said = Array.from({ length: 60 }, async (_, index): Promise<void> => {
        if (index % 4 === 3) await people[index % 3]?.post(`/chat-rooms/${id}/messages`, { content: `${index}` });
        else await say(clients[index % 3] as ChatClient, id, `${index}`);
      });
      await Promise.all(said);
      for (const client of clients) {
        await client.until(() => client.all('newMessage').length === 60, '60 messages');
        const seqs = client.all('newMessage').map(({ message }) => (message as MessageResponse).seq);
        expect(seqs).toEqual(Array.from({ length: 60 }, (_, index) => index + 1));
      }
    });

    it('edits the own messages, keeps what they said, and lets those who run the room delete those of others', async () => {
      const id = await group(ada, bob, cyd);
      const [a, b, c] = await Promise.all([inView(ada, id), inView(bob, id), inView(cyd, id)]);
      const { id: messageId } = (await say(b, id, 'Helo'))['message'] as MessageResponse;
      expect(await c.command('editMessage', { messageId, content: 'no' })).toMatchObject({
        error: { code: 'MESSAGE_NOT_EDITABLE' },
      });
      expect(await c.command('deleteMessage', { messageId })).toMatchObject({ error: { code: 'FORBIDDEN' } });
      const ack = await b.command('editMessage', { messageId, content: 'Hello' });
      const message = ack['message'] as MessageResponse;
      expect(message).toMatchObject({ content: 'Hello', seq: 1, changeSeq: 2, editedAt: expect.any(String) });
      expect(await c.event('messageUpdated')).toEqual({ chatRoomId: id, message });
      expect((await cyd.get(`/messages/${messageId}/revisions`)).body).toMatchObject([{ content: 'Helo' }]);
      expect(await a.command('deleteMessage', { messageId })).toEqual({ ok: true });
      const deletedAt = expect.any(String);
      expect(await c.event('messageDeleted')).toEqual({ chatRoomId: id, messageId, changeSeq: 3, deletedAt });
      expect((await bob.get<MessageResponse[]>(`/chat-rooms/${id}/messages`)).body).toMatchObject([
        { id: messageId, content: '', deletedAt: expect.any(String) },
      ]);
    });

    it('takes messages through POST /messages, and finds them for those who are in', async () => {
      const id = await group(ada, bob);
      const b = await inView(bob, id);
      const sent = await ada.post('/messages', { chatRoomId: id, role: 'user', content: 'jasmine blossoms' });
      expect(sent.status).toBe(201);
      expect(await b.event('newMessage')).toMatchObject({ message: { id: sent.body['id'] } });
      const found = async (person: Person) => (await person.get<unknown[]>('/messages/search?q=jasmine')).body;
      expect(await found(bob)).toHaveLength(1);
      expect(await found(cyd)).toEqual([]);
      const later = await ada.post('/messages', { chatRoomId: id, role: 'assistant', content: 'x' });
      expect(later.status).toBe(400);
    });

    it('refuses attachments that are no web addresses, and replies across rooms', async () => {
      const [id, other] = await Promise.all([group(ada, bob), group(ada, bob)]);
      const a = await ada.socket();
      const { id: replyToId } = (await say(a, other, 'there'))['message'] as MessageResponse;
      expect(await say(a, id, 'here', { replyToId })).toMatchObject({ error: { code: 'MESSAGE_NOT_FOUND' } });
      for (const fileUrl of ['javascript:alert(1)', 'file:///etc/passwd', 'data:text/html,x'])
        expect(await say(a, id, 'file', { fileUrl })).toMatchObject({ error: { code: 'VALIDATION_FAILED' } });
    });
  });

  describe('receipts', () => {
    it('are positions: reading one reads all before it, and nothing goes back', async () => {
      const id = await group(ada, bob);
      const [a, b] = await Promise.all([inView(ada, id), inView(bob, id)]);
      const ids: string[] = [];
      for (let index = 0; index < 5; index++)
        ids.push(((await say(a, id, `${index}`))['message'] as MessageResponse).id);
      expect(await room(bob, id)).toMatchObject({ unreadCount: 5, lastMessage: { content: '4' } });
      expect(await room(ada, id)).toMatchObject({ unreadCount: 0 });
      const [, second, , fourth] = ids as [string, string, string, string];
      expect(await b.command('messageDelivered', { chatRoomId: id, messageId: fourth })).toEqual({ ok: true });
      expect(await a.event('messageDeliveredConfirmed')).toEqual({ messageId: fourth });
      expect(await b.command('messageRead', { chatRoomId: id, messageId: fourth })).toEqual({ ok: true });
      expect(await a.event('messageRead')).toEqual({ messageId: fourth, chatRoomId: id, readBy: bob.id });
      expect(await room(bob, id)).toMatchObject({ unreadCount: 1 });
      const { head } = await sync(bob, id);
      expect(await b.command('messageRead', { chatRoomId: id, messageId: second })).toEqual({ ok: true });
      expect(await sync(bob, id)).toMatchObject({ head });
      const read = (await ada.get<MessageResponse[]>(`/chat-rooms/${id}/messages`)).body.map(({ isRead }) => isRead);
      expect(read).toEqual([true, true, true, true, false]);
      await settled(a);
      expect(a.all('messageRead')).toHaveLength(1);
    });

    it('can be given by number, and show in the sync', async () => {
      const id = await group(ada, bob);
      const a = await ada.socket();
      for (let index = 0; index < 3; index++) await say(a, id, `${index}`);
      const { head } = await sync(bob, id);
      expect((await bob.post(`/chat-rooms/${id}/read`, { seq: 1_000 })).body).toEqual({ ok: true });
      expect(await a.event('messageRead')).toMatchObject({ readBy: bob.id });
      const missed = await sync(ada, id, head);
      expect(missed).toMatchObject({ head: head + 1, messages: [] });
      expect(missed.participants).toMatchObject([{ userId: bob.id, lastReadSeq: 3, changeSeq: head + 1 }]);
      expect(await room(bob, id)).toMatchObject({ unreadCount: 0 });
    });
  });

  describe('who is in', () => {
    it('tells the room and the new ones, who then see everything', async () => {
      const id = await group(ada, bob);
      const [a, b, c] = [await inView(ada, id), await bob.socket(), await cyd.socket()];
      await say(a, id, 'before');
      expect(await a.command('addParticipants', { chatRoomId: id, participantIds: [cyd.id, bob.id] })).toEqual({
        ok: true,
      });
      expect(await c.event('addedToChatRoom')).toEqual({ chatRoomId: id, addedBy: ada.id });
      for (const client of [a, b])
        expect(await client.event('participantsAdded')).toMatchObject({
          chatRoomId: id,
          addedBy: ada.id,
          newParticipants: [{ userId: cyd.id, role: 'MEMBER' }],
        });
      expect(await room(cyd, id)).toMatchObject({ unreadCount: 0 });
      expect((await cyd.get<unknown[]>(`/chat-rooms/${id}/messages`)).body).toHaveLength(1);
    });

    it('silences whoever is removed at once', async () => {
      const id = await group(ada, bob, cyd);
      const [a, b, c] = await Promise.all([inView(ada, id), inView(bob, id), inView(cyd, id)]);
      await say(a, id, 'to all');
      await c.event('newMessage');
      const said = Array.from({ length: 20 }, (_, index) => say(b, id, `around ${index}`));
      expect(await a.command('removeParticipant', { chatRoomId: id, participantId: cyd.id })).toEqual({ ok: true });
      await Promise.all(said);
      expect(await c.event('removedFromChatRoom')).toEqual({ chatRoomId: id, removedBy: ada.id });
      const at = c.received.findIndex(({ event }) => event === 'removedFromChatRoom');
      const left = { chatRoomId: id, removedUserId: cyd.id, removedBy: ada.id, changeSeq: expect.any(Number) };
      expect(await b.event('participantRemoved')).toEqual(left);
      await say(b, id, 'without her');
      for (const [event, payload] of [
        ['sendMessage', { chatRoomId: id, content: 'still here?' }],
        ['joinChatRoom', { chatRoomId: id }],
        ['typing', { chatRoomId: id, isTyping: true }],
      ] as const)
        expect(await c.command(event, payload)).toEqual(ABSENT);
      expect(c.received.slice(at + 1)).toEqual([]);
      expect((await cyd.get(`/chat-rooms/${id}`)).status).toBe(404);
      expect((await cyd.get(`/conversations/${id}/sync`)).status).toBe(404);
    });

    it('does not let anybody in who is removed while joining', async () => {
      const id = await group(ada, bob, cyd);
      const [a, c] = await Promise.all([inView(ada, id), cyd.socket()]);
      await Promise.all([
        ...Array.from({ length: 5 }, () => c.command('joinChatRoom', { chatRoomId: id })),
        a.command('removeParticipant', { chatRoomId: id, participantId: cyd.id }),
      ]);
      const before = c.received.length;
      await say(a, id, 'secret');
      await settled(c);
      expect(c.received.slice(before).map(({ event }) => event)).not.toContain('newMessage');
    });

    it('hands over when the last owner leaves, and ends with the last one', async () => {
      const id = await group(ada, bob);
      await ada.post(`/chat-rooms/${id}/participants`, { participantIds: [cyd.id] });
      const b = await inView(bob, id);
      expect((await ada.delete(`/chat-rooms/${id}/participants/${ada.id}`)).body).toEqual({ ok: true });
      await b.event('chatRoomUpdated');
      expect((await room(bob, id)).participants.map(({ userId, role }) => [userId, role])).toEqual([
        [bob.id, 'OWNER'],
        [cyd.id, 'MEMBER'],
      ]);
      expect((await bob.delete(`/chat-rooms/${id}/participants/${cyd.id}`)).status).toBe(200);
      expect((await bob.delete(`/chat-rooms/${id}/participants/${bob.id}`)).status).toBe(200);
      expect((await bob.get(`/chat-rooms/${id}`)).status).toBe(404);
    });

    it('is given into other hands by its owner alone, and tells everybody', async () => {
      const id = await group(ada, bob, cyd);
      const c = await inView(cyd, id);
      const place = (person: Person) => `/chat-rooms/${id}/participants/${person.id}`;
      const roles = async () => (await room(cyd, id)).participants.map(({ userId, role }) => [userId, role]);
      expect((await bob.patch(place(bob), { role: 'ADMIN' })).body).toMatchObject({ code: 'FORBIDDEN' });
      expect((await ada.patch(place(ada), { role: 'MEMBER' })).body).toMatchObject({ code: 'FORBIDDEN' });
      expect((await ada.patch(place(ada), { role: 'KING' })).body).toMatchObject({ code: 'VALIDATION_FAILED' });
      expect((await ada.patch(place(bob), { role: 'ADMIN' })).status).toBe(200);
      expect((await bob.patch(place(cyd), { role: 'ADMIN' })).status).toBe(403);
      const { head } = await sync(cyd, id);
      expect((await ada.patch(place(bob), { role: 'OWNER' })).status).toBe(200);
      const of = (participants: { userId: string; role: string }[]) =>
        new Map(participants.map(({ userId, role }) => [userId, role]));
      const now = new Map([
        [ada.id, 'ADMIN'],
        [bob.id, 'OWNER'],
        [cyd.id, 'MEMBER'],
      ]);
      expect(new Map((await roles()) as [string, string][])).toEqual(now);
      await c.event('chatRoomUpdated', ({ updatedChatRoom }) =>
        isDeepStrictEqual(of((updatedChatRoom as ChatRoomResponse).participants), now),
      );
      expect(of((await sync(cyd, id, head)).participants ?? [])).toEqual(
        new Map([...now].filter(([userId]) => userId !== cyd.id)),
      );
    });

    it('lets members change nothing, and those who run it rename, archive and delete it', async () => {
      const id = await group(ada, bob);
      const [a, b] = [await ada.socket(), await inView(bob, id)];
      for (const [event, payload] of [
        ['updateChatRoom', { chatRoomId: id, updates: { name: 'Mine' } }],
        ['addParticipants', { chatRoomId: id, participantIds: [cyd.id] }],
        ['removeParticipant', { chatRoomId: id, participantId: ada.id }],
      ] as const)
        expect(await b.command(event, payload)).toMatchObject({ error: { code: 'FORBIDDEN' } });
      expect((await bob.delete(`/chat-rooms/${id}`)).status).toBe(403);
      const updates = { name: 'Coffee', isArchived: true };
      expect(await a.command('updateChatRoom', { chatRoomId: id, updates })).toMatchObject({
        ok: true,
        chatRoom: updates,
      });
      const told = { chatRoomId: id, updatedChatRoom: { id, ...updates }, updatedBy: ada.id };
      for (const client of [a, b]) expect(await client.event('chatRoomUpdated')).toMatchObject(told);
      expect((await sync(bob, id)).chatRoom).toMatchObject(updates);
      expect((await ada.delete(`/chat-rooms/${id}`)).body).toEqual({ ok: true });
      expect(await b.event('removedFromChatRoom')).toEqual({ chatRoomId: id, removedBy: ada.id });
    });

    it('is nothing that outsiders can learn', async () => {
      const id = await group(ada, bob);
      const { id: messageId } = (await say(await ada.socket(), id, 'between us'))['message'] as MessageResponse;
      const c = await cyd.socket();
      for (const [event, payload] of [
        ['joinChatRoom', { chatRoomId: id }],
        ['leaveChatRoom', { chatRoomId: id }],
        ['sendMessage', { chatRoomId: id, content: 'hi' }],
        ['typing', { chatRoomId: id, isTyping: true }],
        ['messageRead', { chatRoomId: id, messageId }],
        ['updateChatRoom', { chatRoomId: id, updates: { name: 'x' } }],
        ['addParticipants', { chatRoomId: id, participantIds: [cyd.id] }],
        ['removeParticipant', { chatRoomId: id, participantId: cyd.id }],
      ] as const)
        expect(await c.command(event, payload)).toEqual(ABSENT);
      expect(await c.command('editMessage', { messageId, content: 'x' })).toMatchObject({
        error: { code: 'MESSAGE_NOT_FOUND' },
      });
      expect(await c.command('join', { sessionId: id })).toMatchObject({ error: { code: 'SESSION_NOT_FOUND' } });
      const presence = await c.command('presence', { userIds: [ada.id] });
      expect(presence['users']).toEqual([{ userId: ada.id, online: false, lastSeenAt: null }]);
    });
  });

  describe('what passes', () => {
    it('tells the others who types, until it falls by itself or something is said', async () => {
      const id = await group(ada, bob);
      const [a, b] = await Promise.all([inView(ada, id), inView(bob, id)]);
      await a.command('typing', { chatRoomId: id, isTyping: true });
      await a.command('typing', { chatRoomId: id, isTyping: true });
      expect(await b.event('userTyping')).toEqual({ userId: ada.id, chatRoomId: id, isTyping: true });
      const began = performance.now();
      await b.event('userTyping', ({ isTyping }) => isTyping === false);
      expect(performance.now() - began).toBeGreaterThan(2_500);
      await a.command('typing', { chatRoomId: id, isTyping: true });
      await say(a, id, 'done');
      await b.until(() => b.all('userTyping').length === 4, 'the end of the typing');
      expect(b.all('userTyping').map(({ isTyping }) => isTyping)).toEqual([true, false, true, false]);
      expect(a.all('userTyping')).toEqual([]);
    });

    it('tells the others who comes to look and who goes', async () => {
      const id = await group(ada, bob);
      const a = await inView(ada, id);
      const b = await inView(bob, id);
      expect(await a.event('userJoined')).toEqual({ userId: bob.id, chatRoomId: id });
      expect(await b.event('joinedChatRoom')).toEqual({ chatRoomId: id });
      expect(await b.command('leaveChatRoom', { chatRoomId: id })).toEqual({ ok: true });
      expect(await b.event('leftChatRoom')).toEqual({ chatRoomId: id });
      expect(await a.event('userLeft')).toEqual({ userId: bob.id, chatRoomId: id });
      await b.command('joinChatRoom', { chatRoomId: id });
      b.close();
      await a.until(() => a.all('userLeft').length === 2, 'userLeft at the disconnect');
    });

    it('tells those who share a room who is here', async () => {
      await group(ada, bob);
      const a = await ada.socket();
      await bob.socket();
      expect(await a.event('presence')).toEqual({ userId: bob.id, online: true, lastSeenAt: null });
      expect((await a.command('presence', { userIds: [bob.id] }))['users']).toEqual([
        { userId: bob.id, online: true, lastSeenAt: null },
      ]);
    });
  });

  it('leaves a replica that a reader keeps equal to a fresh reading, whatever happens in whatever order', async () => {
    const id = await group(ada, bob, cyd);
    const writers = await Promise.all([ada, bob].map((person) => inView(person, id)));
    const reader = await cyd.socket();
    const mine: MessageResponse[] = [];
    let seed = 7;
    const random = (below: number) => (seed = (seed * 48271) % 2147483647) % below;
    const act = async (step: number) => {
      const who = random(2);
      const writer = writers[who] as ChatClient;
      const own = mine.filter(({ senderId, deletedAt }) => senderId === [ada, bob][who]?.id && !deletedAt);
      const target = own[random(own.length || 1)];
      const kind = random(6);
      if (kind < 3 || !target) mine.push((await say(writer, id, `step ${step}`))['message'] as MessageResponse);
      else if (kind === 3) await writer.command('editMessage', { messageId: target.id, content: `edited ${step}` });
      else if (kind === 4) await writer.command('messageRead', { chatRoomId: id, messageId: mine.at(-1)?.id });
      else if (await writer.command('deleteMessage', { messageId: target.id })) target.deletedAt = 'yes';
    };
    for (let step = 0; step < 20; step++) await act(step);
    const replica = new Map<string, object>();
    const apply = (message: MessageResponse) => replica.set(message.id, { ...message, isRead: undefined });
    const joining = reader.command('joinChatRoom', { chatRoomId: id, since: 0 });
    const acting = (async () => {
      for (let step = 20; step < 60; step += 2) await Promise.all([act(step), act(step + 1)]);
    })();
    for (const message of (await joining)['messages'] as MessageResponse[]) apply(message);
    await acting;
    await reader.command('messageDelivered', { chatRoomId: id, messageId: mine.at(-1)?.id });
    for (const { event, payload } of reader.received) {
      if (event === 'newMessage' || event === 'messageUpdated') apply(payload['message'] as MessageResponse);
      if (event === 'messageDeleted') {
        const known = replica.get(payload['messageId'] as string);
        const deleted = { content: '', changeSeq: payload['changeSeq'], deletedAt: 'yes' };
        replica.set(payload['messageId'] as string, { ...known, ...deleted, fileUrl: null });
      }
    }
    const inOrder = (messages: Iterable<object>) =>
      (JSON.parse(JSON.stringify([...messages])) as MessageResponse[])
        .map((message) => ({ ...message, ...(message.deletedAt ? { deletedAt: 'yes', editedAt: 'any' } : {}) }))
        .sort((one, other) => one.seq - other.seq);
    const fresh = (await sync(cyd, id)).messages.map((message) => ({ ...message, isRead: undefined }));
    expect(inOrder(replica.values())).toEqual(inOrder(fresh));
    const numbers = reader.received.flatMap(({ event, payload }) =>
      event === 'newMessage' || event === 'messageUpdated'
        ? [(payload['message'] as MessageResponse).changeSeq]
        : event === 'messageDeleted'
          ? [payload['changeSeq'] as number]
          : [],
    );
    expect(numbers).toEqual([...new Set(numbers)].sort((one, other) => one - other));
  });
});
