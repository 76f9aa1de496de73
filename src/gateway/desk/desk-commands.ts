import { AppError } from '../../common/errors/app-error.js';
import { isUuid } from '../../common/ids.js';
import { assertSafeShape } from '../../common/validation/validate.js';

/** Where a desk wants to go on: a cursor, a time, or 0. */
export type Since = string | number;

/** What a desk says. */
export type DeskCommand =
  | { type: 'auth'; token: string; since?: Since }
  | { type: 'subscribe_to_chat' | 'unsubscribe_from_chat'; chatId: string }
  | { type: 'sync'; since: Since }
  | { type: 'ping' | 'pong' };

const LONGEST_TOKEN = 4096;
const LONGEST_SINCE = 64;

/** The object of a frame; `type` may be anything. @throws AppError INVALID_JSON | VALIDATION_FAILED */
export function readFrame(data: Buffer, isBinary: boolean): Record<string, unknown> {
  if (isBinary) throw new AppError('INVALID_JSON', { message: 'Send JSON as text.' });
  let frame: unknown;
  try {
    frame = JSON.parse(data.toString('utf8'));
  } catch (error) {
    throw new AppError('INVALID_JSON', { message: 'The message is not valid JSON.', cause: error });
  }
  if (!isObject(frame)) throw refused('A frame must be a JSON object.');
  assertSafeShape(frame);
  return frame;
}

/** What the frame asks for; its fields stand beside `type` or in `data`. @throws AppError UNKNOWN_EVENT | VALIDATION_FAILED | CHAT_NOT_FOUND */
export function readCommand(frame: Record<string, unknown>): DeskCommand {
  const { type } = frame;
  const fields = isObject(frame['data']) ? { ...frame, ...frame['data'] } : frame;
  switch (type) {
    case 'auth':
      return {
        type,
        token: readToken(fields['token']),
        ...(fields['since'] === undefined ? {} : { since: readSince(fields['since']) }),
      };
    case 'subscribe_to_chat':
    case 'unsubscribe_from_chat':
      return { type, chatId: readChatId(fields['chatId']) };
    case 'sync':
      return { type, since: readSince(fields['since'] ?? 0) };
    case 'ping':
    case 'pong':
      return { type };
    default:
      throw new AppError('UNKNOWN_EVENT');
  }
}

/** @throws AppError VALIDATION_FAILED */
export function readSince(since: unknown): Since {
  if (typeof since === 'number' && Number.isSafeInteger(since) && since >= 0) return since;
  if (typeof since === 'string' && since.length > 0 && since.length <= LONGEST_SINCE)
    return /^\d{1,15}$/.test(since) ? Number(since) : since;
  throw refused('since must be a cursor, a time or 0.');
}

function readToken(token: unknown): string {
  if (typeof token === 'string' && token.length > 0 && token.length <= LONGEST_TOKEN)
    return token.replace(/^Bearer\s+/i, '');
  throw refused('token must be a string.');
}

function readChatId(chatId: unknown): string {
  if (typeof chatId !== 'string') throw refused('chatId must be a string.');
  if (!isUuid(chatId)) throw new AppError('CHAT_NOT_FOUND');
  return chatId.toLowerCase();
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const refused = (message: string) => new AppError('VALIDATION_FAILED', { message });
