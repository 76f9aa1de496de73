import { describe, expect, it } from '@jest/globals';
import { describeAttachment } from './attachment-reader.js';
import { readUpdate } from './update-reader.js';

const FROM = { id: 4503599627370495, is_bot: false, first_name: 'Ada', language_code: 'en' };
const CHAT = { id: 4503599627370495, type: 'private' };

const message = (content: object) =>
  readUpdate({ update_id: 7, message: { message_id: 3, date: 1, from: FROM, chat: CHAT, ...content } });

describe('readUpdate', () => {
  it('reads a text with ids of 52 bits', () => {
    expect(message({ text: 'hello' })).toMatchObject({
      kind: 'message',
      updateId: 7,
      chat: { id: 4503599627370495, isPrivate: true },
      person: { id: 4503599627370495, firstName: 'Ada', languageCode: 'en' },
      text: 'hello',
      command: null,
    });
  });

  it.each([
    ['/start', { name: 'start', argument: '' }],
    ['/START@parley_bot promo-7', { name: 'start', argument: 'promo-7' }],
    ['/operator I need help', { name: 'operator', argument: 'I need help' }],
    ['/ start', null],
    ['not /start', null],
  ])('reads the command of %j', (text, command) => {
    expect(message({ text })).toMatchObject({ command });
  });

  it.each([
    [
      {
        photo: [
          { file_id: 's', width: 1 },
          { file_id: 'l', width: 800, height: 600 },
        ],
      },
      'photo',
      '[photo]',
    ],
    [{ voice: { file_id: 'v', duration: 12, mime_type: 'audio/ogg' } }, 'voice', '[voice: 12 s]'],
    [{ document: { file_id: 'd', file_name: 'a\nb.pdf', file_size: 9 } }, 'document', '[document: a b.pdf]'],
    [{ sticker: { file_id: 's', emoji: '😀' } }, 'sticker', '[sticker: 😀]'],
    [{ location: { latitude: 55.75, longitude: 37.61 } }, 'location', '[location: 55.75, 37.61]'],
    [{ contact: { phone_number: '+7 1', first_name: 'Bo' } }, 'contact', '[contact: Bo, +7 1]'],
    [{ animation: { file_id: 'a' }, document: { file_id: 'a' } }, 'animation', '[animation]'],
  ])('reads %j as an attachment', (content, type, words) => {
    const update = message(content);
    if (update?.kind !== 'message' || !update.attachment) throw new Error('no attachment');
    expect(update.attachment.type).toBe(type);
    expect(describeAttachment(update.attachment)).toBe(words);
  });

  it('takes what the database refuses out of names and texts', () => {
    const update = readUpdate({
      update_id: 1,
      message: {
        message_id: 1,
        chat: CHAT,
        from: { ...FROM, first_name: `\u202eevil\0<b>\ud800${'😀'.repeat(4096)}`, last_name: ' \n ' },
        text: 'a\0b\udc00c',
      },
    });
    if (update?.kind !== 'message') throw new Error('not a message');
    expect(update.text).toBe('ab\ufffdc');
    expect(update.person.firstName?.isWellFormed()).toBe(true);
    expect(update.person.firstName?.length).toBeLessThanOrEqual(256);
    expect(update.person.lastName).toBeNull();
  });

  it.each([
    [{ channel_post: { message_id: 1, chat: { id: -100, type: 'channel' }, text: 'x' } }],
    [{ message: { message_id: 1, chat: { id: -100, type: 'channel' }, text: 'x' } }],
    [{ message: { message_id: 1, chat: CHAT, from: { ...FROM, is_bot: true }, text: 'x' } }],
    [{ message: { message_id: 1, chat: CHAT, from: FROM, new_chat_title: 'x' } }],
    [{ message: 'no object' }],
    [{ message: { message_id: 'x', chat: CHAT, from: FROM, text: 'x' } }],
    [{ poll: {} }],
    [{ brand_new_kind: { a: 1 } }],
    [{}],
  ])('ignores %j', (content) => {
    expect(readUpdate({ update_id: 5, ...content })).toMatchObject({ kind: 'ignored', updateId: 5 });
  });

  it.each([[null], [[]], ['x'], [{}], [{ update_id: '5' }], [{ update_id: -1 }], [{ update_id: 2 ** 60 }]])(
    'does not take %j for an update',
    (body) => {
      expect(readUpdate(body)).toBeNull();
    },
  );

  it('reads presses, edits, blocks and migrations', () => {
    expect(
      readUpdate({
        update_id: 1,
        callback_query: { id: 'q', from: FROM, data: 'rate:5', message: { message_id: 9, chat: CHAT } },
      }),
    ).toMatchObject({ kind: 'press', pressId: 'q', data: 'rate:5', messageId: 9 });
    expect(
      readUpdate({ update_id: 2, edited_message: { message_id: 3, chat: CHAT, from: FROM, text: 'better' } }),
    ).toMatchObject({ kind: 'edit', messageId: 3, text: 'better' });
    expect(
      readUpdate({ update_id: 3, my_chat_member: { chat: CHAT, from: FROM, new_chat_member: { status: 'kicked' } } }),
    ).toMatchObject({ kind: 'membership', isBlocked: true });
    expect(
      readUpdate({
        update_id: 4,
        message: { message_id: 3, chat: { id: -5, type: 'group' }, migrate_to_chat_id: -1005 },
      }),
    ).toEqual({ kind: 'migration', updateId: 4, fromChatId: -5, toChatId: -1005 });
  });
});
