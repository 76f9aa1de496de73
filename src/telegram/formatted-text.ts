/** A stretch of text that is shown differently; offsets count UTF-16 units, as Telegram's do. */
export interface TextEntity {
  type: 'bold' | 'italic' | 'strikethrough' | 'code' | 'pre' | 'text_link';
  offset: number;
  length: number;
  /** Of a `text_link`. */
  url?: string;
  /** Of a `pre`. */
  language?: string;
}

export interface FormattedText {
  text: string;
  entities: TextEntity[];
}

/** What Telegram takes in one message, in UTF-16 units. */
export const LONGEST_TEXT = 4096;
/** Telegram refuses or drops more of them in one message. */
const MOST_ENTITIES = 100;

/** A text that is shown as it is. */
export const plainText = (text: string): FormattedText => ({ text, entities: [] });

/**
 * Cuts a text into messages of at most `limit` units whose texts, put together, are the whole one. It cuts after a
 * paragraph, else a line, a sentence, a word, and never within a character; within a stretch that is shown differently
 * only when nothing else is possible, and then both halves are shown so. Parts that would be blank join their neighbour.
 */
export function splitText({ text, entities }: FormattedText, limit = LONGEST_TEXT): FormattedText[] {
  const parts: FormattedText[] = [];
  for (let from = 0; from < text.length;) {
    const to = endOfPart(text, entities, from, limit);
    const part = cut(text, entities, from, to);
    if (part.text.trim() !== '' || text.trim() === '') parts.push(part);
    from = to;
  }
  return parts;
}

function endOfPart(text: string, entities: readonly TextEntity[], from: number, limit: number): number {
  if (text.length - from <= limit && countIn(entities, from, text.length) <= MOST_ENTITIES) return text.length;
  let furthest = Math.min(from + limit, text.length);
  furthest = Math.min(furthest, startOfEntityTooMany(entities, from) ?? furthest);
  // Half of what fits is rather given away than a stretch or a sentence broken.
  const leastGood = from + Math.floor((furthest - from) / 2);
  const isOutside = (at: number) => !entities.some(({ offset, length }) => offset < at && at < offset + length);
  for (const boundary of BOUNDARIES) {
    const at = lastBoundary(text, boundary, leastGood, furthest, isOutside);
    if (at !== null) return at;
  }
  const whole = startOfEntityAt(entities, furthest);
  if (whole !== null && whole > from) return whole;
  for (const boundary of BOUNDARIES) {
    const at = lastBoundary(text, boundary, from, furthest, () => true);
    if (at !== null) return at;
  }
  return characterBoundary(text, from, furthest);
}

/** Where a text may be cut, the best first: after each match. */
const BOUNDARIES = [/\n{2,}/g, /\n/g, /[.!?\u2026]["'\u201d\u2019)\]]*\s+/g, /\s+/g] as const;

function lastBoundary(
  text: string,
  boundary: RegExp,
  after: number,
  upTo: number,
  isGood: (at: number) => boolean,
): number | null {
  let found: number | null = null;
  // A blank right behind the limit must not be taken for one that fits.
  for (const match of text.slice(after, upTo).matchAll(boundary)) {
    const at = after + match.index + match[0].length;
    if (at > after && at <= upTo && isGood(at)) found = at;
  }
  return found;
}

/** The start of the outermost stretch that lies across `at`. */
function startOfEntityAt(entities: readonly TextEntity[], at: number): number | null {
  const across = entities.filter(({ offset, length }) => offset < at && at < offset + length);
  return across.length > 0 ? Math.min(...across.map(({ offset }) => offset)) : null;
}

function startOfEntityTooMany(entities: readonly TextEntity[], from: number): number | null {
  const ahead = entities.filter(({ offset, length }) => offset + length > from).sort((a, b) => a.offset - b.offset);
  const next = ahead[MOST_ENTITIES];
  return next && next.offset > from ? next.offset : null;
}

const countIn = (entities: readonly TextEntity[], from: number, to: number): number =>
  entities.filter(({ offset, length }) => offset < to && offset + length > from).length;

const GRAPHEMES = new Intl.Segmenter('und', { granularity: 'grapheme' });
/** No character that people write is longer than this many units. */
const LONGEST_CHARACTER = 64;

/** The last place up to `at` that lies between two characters as people see them; at least between two code points. */
function characterBoundary(text: string, from: number, at: number): number {
  const start = Math.max(from, at - LONGEST_CHARACTER);
  let boundary = start;
  for (const { index, segment } of GRAPHEMES.segment(text.slice(start, at + LONGEST_CHARACTER))) {
    const end = start + index + segment.length;
    if (end > at) break;
    boundary = end;
  }
  if (boundary > start) return boundary;
  const isInPair = /[\ud800-\udbff]/.test(text.charAt(at - 1)) && /[\udc00-\udfff]/.test(text.charAt(at));
  return isInPair && at - 1 > from ? at - 1 : at;
}

function cut(text: string, entities: readonly TextEntity[], from: number, to: number): FormattedText {
  return {
    text: text.slice(from, to),
    entities: entities
      .map((entity) => {
        const start = Math.max(entity.offset, from);
        const end = Math.min(entity.offset + entity.length, to);
        return { ...entity, offset: start - from, length: end - start };
      })
      .filter(({ length }) => length > 0),
  };
}
