import { readAttachment } from './attachment-reader.js';
import type { IncomingUpdate, MessageUpdate, TelegramChat, TelegramPerson } from './incoming-update.js';
import { asRecord, cleanText, safeInteger, shortText, type Json } from './json-fields.js';

const LONGEST_MESSAGE = 10_000;
const LONGEST_DATA = 64;

/** Reads an update that claims to come from Telegram; what is of no concern to us is `ignored`. Null: not an update at all. */
export function readUpdate(body: unknown): IncomingUpdate | null {
  const update = asRecord(body);
  const updateId = safeInteger(update?.['update_id']);
  if (!update || updateId === null || updateId < 0) return null;
  return (
    readMessage(updateId, asRecord(update['message'])) ??
    readEdit(updateId, asRecord(update['edited_message'])) ??
    readPress(updateId, asRecord(update['callback_query'])) ??
    readMembership(updateId, asRecord(update['my_chat_member'])) ?? {
      kind: 'ignored',
      updateId,
      chatId: anyChatId(update),
      what: Object.keys(update)
        .filter((key) => key !== 'update_id')
        .map((key) => cleanText(key, 40))
        .slice(0, 5)
        .join(','),
    }
  );
}

function readMessage(updateId: number, message: Json | null): IncomingUpdate | null {
  if (!message) return null;
  const chat = readChat(message['chat']);
  const messageId = safeInteger(message['message_id']);
  if (!chat || messageId === null) return null;
  const toChatId = safeInteger(message['migrate_to_chat_id']);
  if (toChatId !== null) return { kind: 'migration', updateId, fromChatId: chat.id, toChatId };
  const person = readPerson(message['from']);
  // A bot that answers bots never ends.
  if (!person || asRecord(message['from'])?.['is_bot'] === true) return null;
  const attachment = readAttachment(message);
  const text = textOf(message);
  if (text === '' && !attachment) return null;
  return {
    kind: 'message',
    updateId,
    chat,
    person,
    messageId,
    text,
    attachment,
    command: attachment ? null : readCommand(text),
    replyToMessageId: safeInteger(asRecord(message['reply_to_message'])?.['message_id']),
  };
}

function readEdit(updateId: number, message: Json | null): IncomingUpdate | null {
  const read = readMessage(updateId, message);
  if (read?.kind !== 'message') return null;
  const { chat, person, messageId, text, attachment } = read;
  return { kind: 'edit', updateId, chat, person, messageId, text, attachment };
}

function readPress(updateId: number, press: Json | null): IncomingUpdate | null {
  if (!press) return null;
  const message = asRecord(press['message']);
  const chat = readChat(message?.['chat']);
  const person = readPerson(press['from']);
  const pressId = shortText(press['id'], 100);
  if (!chat || !person || pressId === null) return null;
  const data = shortText(press['data'], LONGEST_DATA) ?? '';
  return { kind: 'press', updateId, chat, person, pressId, data, messageId: safeInteger(message?.['message_id']) };
}

function readMembership(updateId: number, change: Json | null): IncomingUpdate | null {
  if (!change) return null;
  const chat = readChat(change['chat']);
  const person = readPerson(change['from']);
  const status = asRecord(change['new_chat_member'])?.['status'];
  if (!chat || !person || typeof status !== 'string') return null;
  return { kind: 'membership', updateId, chat, person, isBlocked: status === 'kicked' || status === 'left' };
}

/** Channels have no customers. */
function readChat(value: unknown): TelegramChat | null {
  const chat = asRecord(value);
  const id = safeInteger(chat?.['id']);
  const type = chat?.['type'];
  if (id === null || id === 0 || type === 'channel') return null;
  return { id, isPrivate: type === undefined || type === 'private', title: shortText(chat?.['title']) };
}

function readPerson(value: unknown): TelegramPerson | null {
  const person = asRecord(value);
  const id = safeInteger(person?.['id']);
  if (!person || id === null) return null;
  return {
    id,
    username: shortText(person['username'], 64),
    firstName: shortText(person['first_name']),
    lastName: shortText(person['last_name']),
    languageCode: shortText(person['language_code'], 35),
  };
}

function textOf(message: Json): string {
  for (const key of ['text', 'caption']) {
    const text = cleanText(message[key], LONGEST_MESSAGE);
    if (text.trim() !== '') return text;
  }
  return '';
}

const COMMAND = /^\/([A-Za-z0-9_]{1,32})(?:@\w{1,64})?(?:\s+([\s\S]*))?$/;

function readCommand(text: string): MessageUpdate['command'] {
  const [, name, argument = ''] = COMMAND.exec(text.trim()) ?? [];
  return name ? { name: name.toLowerCase(), argument: argument.trim() } : null;
}

function anyChatId(update: Json): number | null {
  for (const content of Object.values(update)) {
    const id = safeInteger(asRecord(asRecord(content)?.['chat'])?.['id']);
    if (id !== null) return id;
  }
  return null;
}
