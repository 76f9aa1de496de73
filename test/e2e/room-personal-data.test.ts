import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { ChatRoomResponse } from '../../src/chat-rooms/dto/chat-room.response.dto.js';
import type { MessageResponse } from '../../src/messages/dto/message.response.dto.js';
import type { SyncResponse } from '../../src/messages/dto/sync.response.dto.js';
import { PrismaService } from '../../src/prisma/prisma.service.js';
import { TestApp } from '../support/app.js';
import type { ChatClient } from '../support/chat-client.js';
import type { Person } from '../support/person.js';

interface Exported {
  chatRooms: { chatRoomId: string; name: string | null; role: string; leftAt: string | null; lastReadSeq: number }[];
  roomMessages: (MessageResponse & { revisions: { content: string }[] })[];
}

describe('what rooms keep about a person', () => {
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

  async function made(owner: Person, body: object): Promise<string> {
    const answer = await owner.post<ChatRoomResponse>('/chat-rooms', { type: 'GROUP', name: 'Tea', ...body });
    expect(answer.status).toBe(201);
    return answer.body.id;
  }
  const group = (owner: Person, ...others: Person[]) => made(owner, { participantIds: others.map(({ id }) => id) });

  const said = async (person: Person, roomId: string, content: string, more: object = {}): Promise<MessageResponse> =>
    (await person.post<MessageResponse>(`/chat-rooms/${roomId}/messages`, { content, ...more })).body;

  const sync = async (person: Person, id: string, since = 0) =>
    (await person.get<SyncResponse>(`/conversations/${id}/sync?since=${since}`)).body;

  async function inView(person: Person, chatRoomId: string): Promise<ChatClient> {
    const client = await person.socket();
    expect(await client.command('joinChatRoom', { chatRoomId })).toMatchObject({ ok: true });
    return client;
  }

  const exported = async (person: Person) => (await person.get<Exported>('/users/me/export')).body;

  it('is in the export: the rooms with receipts, and every text of the own with what it said before', async () => {
    const [id, left] = [await group(ada, bob), await group(bob, ada)];
    const first = await said(ada, id, 'Helo', { fileUrl: 'https://example.com/a.png', fileName: 'a.png' });
    await ada.patch(`/messages/${first.id}`, { content: 'Hello' });
    await said(bob, id, 'not hers');
    const last = await said(ada, id, 'deleted');
    await ada.delete(`/messages/${last.id}`);
    await said(ada, left, 'said before leaving');
    await ada.delete(`/chat-rooms/${left}/participants/${ada.id}`);
    await bob.patch(`/chat-rooms/${left}`, { name: 'A name of later' });
    const { chatRooms, roomMessages } = await exported(ada);
    const position = { lastReadSeq: last.seq, lastDeliveredSeq: last.seq };
    expect(chatRooms).toMatchObject([
      { chatRoomId: id, type: 'GROUP', name: 'Tea', role: 'OWNER', leftAt: null, ...position },
      { chatRoomId: left, type: 'GROUP', name: null, role: 'MEMBER', leftAt: expect.any(String) },
    ]);
    expect(roomMessages).toMatchObject([
      { chatRoomId: id, content: 'Hello', fileName: 'a.png', revisions: [{ content: 'Helo' }] },
      { chatRoomId: left, content: 'said before leaving', revisions: [] },
    ]);
    expect((await exported(cyd)).chatRooms).toEqual([]);
    expect((await exported(bob)).roomMessages.map(({ content }) => content)).toEqual(['not hers']);
  });

  it('is gone after the erasure, in rooms that were left before too, and the numbers stay without gaps', async () => {
    const [id, left] = [await group(bob, ada, cyd), await group(bob, ada)];
    await bob.patch('/users/me', { name: 'Bob' });
    await ada.patch('/users/me', { name: 'Ada Lovelace', avatarUrl: 'https://example.com/ada.png' });
    const attached = { fileUrl: 'https://example.com/a.png', fileName: 'a.png', fileSize: 5, clientMessageId: 'mine' };
    const message = await said(ada, id, 'a secret for @Bob', attached);
    await bob.post(`/messages/${message.id}/reactions/${encodeURIComponent('👍')}`);
    await ada.patch(`/messages/${message.id}`, { content: 'another secret' });
    const kept = await said(bob, id, 'of others', { replyToId: message.id });
    await said(ada, id, 'a third secret');
    await said(ada, left, 'a fourth secret');
    await ada.delete(`/chat-rooms/${left}/participants/${ada.id}`);
    const reader = await inView(bob, id);
    const { head } = await sync(bob, id);

    expect((await ada.delete('/users/me')).status).toBe(204);

    const deleted = [1, 2].map((index) =>
      reader.until(() => reader.all('messageDeleted')[index - 1], 'messageDeleted'),
    );
    await Promise.all(deleted);
    await reader.event('participantRemoved', ({ removedUserId }) => removedUserId === ada.id);
    const missed = await sync(bob, id, head);
    // Two texts were emptied and one person left.
    expect(missed.head).toBe(head + 3);
    const numbers = [...missed.messages, ...(missed.participants ?? [])].map(({ changeSeq }) => changeSeq);
    expect(numbers.sort((one, other) => one - other)).toEqual([head + 1, head + 2, head + 3]);
    expect(new Set(reader.all('messageDeleted').map(({ changeSeq }) => changeSeq))).toEqual(
      new Set(missed.messages.map(({ changeSeq }) => changeSeq)),
    );
    const all = (await sync(bob, id)).messages;
    expect(all.map(({ seq }) => seq).sort((one, other) => one - other)).toEqual([1, kept.seq, kept.seq + 1]);
    for (const empty of all.filter(({ senderId }) => senderId === ada.id)) {
      expect(empty).toMatchObject({ content: '', fileUrl: null, fileName: null, fileSize: null });
      expect(empty).toMatchObject({ deletedAt: expect.any(String), sender: { id: ada.id, name: '', avatarUrl: null } });
      expect((await bob.get(`/messages/${empty.id}/revisions`)).body).toEqual([]);
      expect(await app.get(PrismaService).messageReaction.count({ where: { messageId: empty.id } })).toBe(0);
      expect(await app.get(PrismaService).messageMention.count({ where: { messageId: empty.id } })).toBe(0);
    }
    expect(all.find(({ id: of }) => of === kept.id)).toMatchObject({ content: 'of others', sender: { name: 'Bob' } });

    const everything = JSON.stringify([
      ...(await Promise.all([id, left].map((of) => sync(bob, of)))),
      (await bob.get('/chat-rooms')).body,
      (await bob.get('/messages/search?q=secret')).body,
    ]);
    expect(everything).not.toMatch(/secret|Lovelace|ada\.png|a\.png/);
    const prisma = app.get(PrismaService);
    const ofAda = { senderId: ada.id, NOT: { content: '', clientMessageId: null, fileUrl: null } };
    expect(await prisma.message.count({ where: ofAda })).toBe(0);
    expect(await prisma.messageRevision.count({ where: { message: { senderId: ada.id } } })).toBe(0);
  });

  it('leaves its rooms to somebody, and none to nobody', async () => {
    const [shared, alone] = [await group(ada, bob, cyd), await group(ada)];
    const direct = await made(ada, { type: 'DIRECT', participantIds: [bob.id] });
    await said(ada, alone, 'to myself');
    const reader = await inView(bob, shared);
    expect((await ada.delete('/users/me')).status).toBe(204);
    await reader.event('chatRoomUpdated', ({ chatRoomId }) => chatRoomId === shared);
    const people = async (id: string) =>
      (await bob.get<ChatRoomResponse>(`/chat-rooms/${id}`)).body.participants.map(({ userId, role }) => [
        userId,
        role,
      ]);
    // Both came at the same moment: either of them may be the heir.
    const heirs = await people(shared);
    expect(heirs.map(([userId]) => userId).sort()).toEqual([bob.id, cyd.id].sort());
    expect(heirs.map(([, role]) => role).sort()).toEqual(['MEMBER', 'OWNER']);
    expect(await people(direct)).toEqual([[bob.id, 'OWNER']]);
    const prisma = app.get(PrismaService);
    expect(await prisma.conversation.count({ where: { id: alone } })).toBe(0);
    expect(await prisma.message.count({ where: { conversationId: alone } })).toBe(0);
    // Whoever is gone is not added, and two people of whom one is gone have no DIRECT room.
    const owner = heirs.find(([, role]) => role === 'OWNER')?.[0] === bob.id ? bob : cyd;
    const added = await owner.post(`/chat-rooms/${shared}/participants`, { participantIds: [ada.id] });
    expect(added.body).toMatchObject({ code: 'USER_NOT_FOUND' });
    const again = await bob.post('/chat-rooms', { type: 'DIRECT', participantIds: [ada.id] });
    expect(again.body).toMatchObject({ code: 'USER_NOT_FOUND' });
  });

  it('is gone whole, whatever the person and others do at the same moment', async () => {
    const rooms = await Promise.all(Array.from({ length: 4 }, () => group(bob, ada, cyd)));
    const other = await group(bob, cyd);
    await ada.patch('/users/me', { username: 'countess' });
    const theirs = await Promise.all(rooms.map((id) => said(bob, id, 'react to this')));
    const doing = rooms.flatMap((id, index) => [
      ...['👍', '👎', '🎉'].map((emoji) =>
        ada.post(`/messages/${theirs[index]?.id}/reactions/${encodeURIComponent(emoji)}`),
      ),
      ...Array.from({ length: 3 }, (_, time) => said(bob, id, `@countess ${time}`)),
      ...Array.from({ length: 5 }, (_, index) => said(ada, id, `late ${index}`)),
      said(bob, id, 'meanwhile'),
      bob.post(`/chat-rooms/${other}/participants`, { participantIds: [ada.id] }),
      ada.post('/chat-rooms', { type: 'GROUP', participantIds: [bob.id] }),
      bob.post('/chat-rooms', { type: 'DIRECT', participantIds: [ada.id] }),
    ]);
    const [erased] = await Promise.all([ada.delete('/users/me'), ...doing]);
    expect(erased?.status).toBe(204);
    const prisma = app.get(PrismaService);
    expect(await prisma.participant.count({ where: { userId: ada.id, leftAt: null } })).toBe(0);
    expect(await prisma.message.count({ where: { senderId: ada.id, content: { not: '' } } })).toBe(0);
    expect(await prisma.messageReaction.count({ where: { userId: ada.id } })).toBe(0);
    for (const id of rooms) {
      const { head, messages, participants = [] } = await sync(bob, id);
      // Everything that changed more than once shows its latest number only; none is beyond the head.
      expect(Math.max(...[...messages, ...participants].map(({ changeSeq }) => changeSeq))).toBe(head);
    }
  });
});
