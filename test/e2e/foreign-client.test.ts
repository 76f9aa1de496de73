import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TestApp } from '../support/app.js';

/** Debian's own, for which python3-socketio and python3-aiohttp are packaged; another one has other modules. */
const PYTHON = existsSync('/usr/bin/python3') ? '/usr/bin/python3' : 'python3';
const SCRIPT = fileURLToPath(new URL('../support/foreign-room-client.py', import.meta.url));

describe("a client that is not of the server's making (python-socketio)", () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await TestApp.start();
  });
  afterAll(() => app.close());

  it.each(['websocket', 'polling'])('talks in chat rooms over %s', async (transport) => {
    const [ada, bob] = await Promise.all([app.person(), app.person()]);
    const people = [ada.id, ada.token ?? '', bob.id, bob.token ?? ''];
    const { stdout } = await promisify(execFile)(PYTHON, [SCRIPT, app.url, transport, ...people], { timeout: 50_000 });
    const report = JSON.parse(stdout) as Record<string, Record<string, Record<string, unknown>>>;
    const chatRoomId = report['created']?.['chatRoom']?.['id'];
    const message = report['sent']?.['message'];
    const messageId = message?.['id'];

    expect(report).toEqual({
      refused: { message: expect.any(String), data: { code: 'UNAUTHORIZED', message: expect.any(String) } },
      connected: [ada, bob].map(({ id }) => expect.objectContaining({ userId: id, userRole: 'user', chatRooms: 0 })),
      created: { ok: true, chatRoom: expect.objectContaining({ name: 'Tea', type: 'GROUP' }) },
      chatRoomCreated: expect.objectContaining({ id: chatRoomId, chatRoom: report['created']?.['chatRoom'] }),
      joined: [1, 2].map(() => expect.objectContaining({ ok: true, messages: [] })),
      userJoined: { userId: bob.id, chatRoomId },
      userTyping: { userId: bob.id, chatRoomId, isTyping: true },
      sent: {
        ok: true,
        message: expect.objectContaining({ content: 'Чай? 🍵', senderId: bob.id, chatRoomId, seq: 1 }),
      },
      sentAgain: { ok: true, message },
      newMessage: { chatRoomId, message },
      typingEnded: { userId: bob.id, chatRoomId, isTyping: false },
      messageSent: { messageId, chatRoomId, clientMessageId: 'c-1' },
      read: { ok: true },
      messageRead: { messageId, chatRoomId, readBy: ada.id },
      edited: { ok: true, message: expect.objectContaining({ id: messageId, content: 'Tea?' }) },
      messageUpdated: { chatRoomId, message: expect.objectContaining({ id: messageId, content: 'Tea?' }) },
      deleted: { ok: true },
      messageDeleted: { chatRoomId, messageId, changeSeq: expect.any(Number) },
      missed: expect.objectContaining({
        ok: true,
        messages: [expect.objectContaining({ id: messageId, content: '', deletedAt: expect.any(String) })],
      }),
      unknown: { ok: false, error: expect.objectContaining({ code: 'UNKNOWN_EVENT' }) },
      invalid: { ok: false, error: expect.objectContaining({ code: 'VALIDATION_FAILED' }) },
      absent: { ok: false, error: { code: 'CHAT_ROOM_NOT_FOUND', message: expect.any(String) } },
      error: expect.objectContaining({ code: 'CHAT_ROOM_NOT_FOUND', event: 'joinChatRoom' }),
      newMessages: 1,
    });
  });
});
