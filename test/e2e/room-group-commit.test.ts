import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import type { ChatRoomResponse } from '../../src/chat-rooms/dto/chat-room.response.dto.js';
import { TestApp } from '../support/app.js';

const MESSAGES = 10;

describe('what one person says in a room without waiting', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await TestApp.start();
  });
  afterAll(() => app.close());

  it('is stored together in the next commit, in the order in which it was said', async () => {
    const [sender, other] = [await app.person(), await app.person()];
    const participantIds = [other.id];
    const { body: room } = await sender.post<ChatRoomResponse>('/chat-rooms', { type: 'GROUP', participantIds });
    const chatRoomId = room.id;
    const client = await sender.socket();
    await client.command('joinChatRoom', { chatRoomId });
    const database = new pg.Client({ connectionString: app.database.url });
    await database.connect();

    await database.query('BEGIN');
    await database.query('SELECT 1 FROM conversations WHERE id = $1 FOR UPDATE', [chatRoomId]);
    const contents = Array.from({ length: MESSAGES }, (_, index) => `message ${index}`);
    const acks = contents.map((content) => client.command('sendMessage', { chatRoomId, content }));
    // Taken after them, so they are under way when it is answered.
    await client.command('presence', { userIds: [other.id] });
    await database.query('COMMIT');
    await Promise.all(acks);

    const stored = await database.query<{ content: string; commit: string }>(
      'SELECT content, xmin::text AS commit FROM messages WHERE conversation_id = $1 ORDER BY seq',
      [chatRoomId],
    );
    await database.end();
    sender.closeSockets();
    expect(stored.rows.map(({ content }) => content)).toEqual(contents);
    // The first one waited for the lock alone.
    expect(new Set(stored.rows.map(({ commit }) => commit)).size).toBe(2);
  });
});
