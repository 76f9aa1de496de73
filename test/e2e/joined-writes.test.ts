import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { conversationRoom } from '../../src/gateway/contract/room-names.js';
import { serverEvent } from '../../src/gateway/contract/server-events.js';
import { LiveHub } from '../../src/gateway/delivery/live-hub.js';
import type { MessageResponse } from '../../src/messages/dto/message.response.dto.js';
import { TestApp } from '../support/app.js';
import { ChatClient } from '../support/chat-client.js';
import type { Person } from '../support/person.js';

const MESSAGES = 300;
/** Longer than the headers of short, middle and long frames reach. */
const LENGTHS = [1, 200, 9_000];
const TRANSPORTS = [['websocket'], ['polling'], ['polling', 'websocket']];

describe.each(['true', 'false'])('with joined writes %s', (joined) => {
  let app: TestApp;
  let ada: Person;

  beforeAll(async () => {
    app = await TestApp.start({ JOIN_SOCKET_WRITES: joined });
    ada = await app.person();
  });
  afterAll(() => app.close());

  it('tells every client all messages of a flood once and in order, whatever its transport', async () => {
    const room = await ada.post<{ id: string }>('/chat-rooms', { type: 'GROUP', name: 'Flood', participantIds: [] });
    const chatRoomId = room.body.id;
    const clients = await Promise.all(
      TRANSPORTS.map((transports) => ChatClient.connect(app.url, ada.token ?? '', { transports })),
    );
    for (const client of clients)
      expect(await client.command('joinChatRoom', { chatRoomId })).toMatchObject({ ok: true });
    const texts = Array.from(
      { length: MESSAGES },
      (_, i) => `é😀 ${i} ${'y'.repeat(LENGTHS[i % LENGTHS.length] ?? 0)}`,
    );
    const acks = await Promise.all(
      texts.map((content, i) => clients[i % 2]!.command('sendMessage', { chatRoomId, content })),
    );
    expect(acks.filter(({ ok }) => !ok)).toEqual([]);
    for (const client of clients) {
      await client.command('presence', { userIds: [] });
      const told = client.all('newMessage').map(({ message }) => message as MessageResponse);
      expect(told).toHaveLength(MESSAGES);
      expect(told.map(({ seq }) => seq)).toEqual(told.map((_, i) => (told[0]?.seq ?? 0) + i));
      expect(new Set(told.map(({ content }) => content))).toEqual(new Set(texts));
    }
    for (const client of clients) client.socket.disconnect();
  });

  it('tells a frame of more than 64 KiB whole, and what follows', async () => {
    const sessionId = await ada.session();
    const clients = await Promise.all([ada.socket(), ada.socket(), ada.socket()]);
    for (const client of clients) await client.command('join', { sessionId });
    const hub = app.get(LiveHub);
    const content = 'ж'.repeat(100_000);
    for (const id of ['first', 'second'])
      hub.publish(conversationRoom(sessionId), serverEvent('message:update', { id, content } as MessageResponse));
    for (const client of clients) {
      await client.event('message:update', ({ id }) => id === 'second');
      expect(client.all('message:update')).toEqual(['first', 'second'].map((id) => ({ id, content })));
    }
    ada.closeSockets();
  });
});
