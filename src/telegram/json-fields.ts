export type Json = Record<string, unknown>;

const LONGEST_NAME = 256;

export function asRecord(value: unknown): Json | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : null;
}

/** Telegram's numbers have up to 52 bits, which a JavaScript number holds exactly. */
export function safeInteger(value: unknown): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : null;
}

export function finiteNumber(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

/** A text that can be stored: no NUL, no half of a character, at most `longest` units. Anything but a text is empty. */
export function cleanText(value: unknown, longest: number): string {
  if (typeof value !== 'string') return '';
  return value.replaceAll('\0', '').slice(0, longest).toWellFormed();
}

/** A name or the like: on one line, null when nothing is left of it. */
export function shortText(value: unknown, longest = LONGEST_NAME): string | null {
  const text = cleanText(value, longest)
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim();
  return text === '' ? null : text;
}
