import { AppError } from '../errors/app-error.js';
import { isUuid } from '../ids.js';

export const DEFAULT_PAGE_SIZE = 50;
export const MAX_PAGE_SIZE = 100;

/** One page of a list; `nextCursor` is null on the last one. */
export class Page<T> {
  constructor(
    readonly items: T[],
    readonly nextCursor: string | null,
  ) {}

  map<U>(transform: (item: T) => U): Page<U> {
    return new Page(this.items.map(transform), this.nextCursor);
  }
}

/** Makes a page of rows that were asked for with one more than `limit`; `keyOf` gives the row's place in the order. */
export function toPage<T>(rows: T[], limit: number, keyOf: (row: T) => readonly string[]): Page<T> {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return new Page(items, rows.length > limit && last !== undefined ? encodeCursor(keyOf(last)) : null);
}

export function encodeCursor(key: readonly string[]): string {
  return Buffer.from(JSON.stringify(key)).toString('base64url');
}

/** Reads a cursor back. @throws AppError INVALID_CURSOR when it is not one of `length` strings that `encodeCursor` made. */
export function decodeCursor(cursor: string, length: number): string[] {
  try {
    const key: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (Array.isArray(key) && key.length === length && key.every((part) => typeof part === 'string')) return key;
  } catch {
    // falls through to the refusal
  }
  throw new AppError('INVALID_CURSOR');
}

/** Reads a cursor back whose only key is an id. @throws AppError INVALID_CURSOR */
export function decodeIdCursor(cursor: string): string {
  const [id] = decodeCursor(cursor, 1);
  if (!isUuid(id)) throw new AppError('INVALID_CURSOR');
  return id;
}

/** Reads a cursor back whose keys are a time, as `toISOString` writes it, and an id. @throws AppError INVALID_CURSOR */
export function decodeTimeCursor(cursor: string): { at: Date; id: string } {
  const [time = '', id] = decodeCursor(cursor, 2);
  const at = new Date(time);
  // Other years have more digits or a sign, and PostgreSQL reads them differently or not at all.
  const isOurs = !Number.isNaN(at.getTime()) && at.toISOString() === time && /^(?!0000)\d{4}-/.test(time);
  if (!isOurs || !isUuid(id)) throw new AppError('INVALID_CURSOR');
  return { at, id };
}
