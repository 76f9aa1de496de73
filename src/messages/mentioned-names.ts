/** Somebody who can be named in a room. */
export interface Nameable {
  userId: string;
  /** What the person is called in full: each of these stands for everybody who is called so. */
  names: readonly string[];
  /** Stands for the person if nobody else there has the same. */
  shortName: string | null;
}

/** The most people whom one message names; further names are text. */
export const MOST_MENTIONS = 50;
/** The most places of a text that are looked at. */
const MOST_PLACES = 200;
const ASSISTANT = 'assistant';
/** An @ within a word, an address or a path names nobody. */
const PLACE = /(?<![\p{L}\p{N}\p{M}_.+\-@/])@(?=[^\s@])/gu;
/** What may not follow a name: it would go on, or be an address. */
const GOES_ON = /^(?:[\p{L}\p{N}\p{M}_@]|[.-][\p{L}\p{N}_])/u;
const USER_ID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}/;

/** Whether a text can name anybody at all, the assistant included. */
export const hasMentions = (content: string): boolean => placesOf(plain(content)).length > 0;

/** Whether a text speaks to the assistant: `@assistant`, however it is written in capitals. */
export function asksAssistant(content: string): boolean {
  const text = plain(content);
  return placesOf(text).some((place) => isAssistant(text, place));
}

/**
 * The ids of the people whom a text names with `@`: by their id, else by the longest name that fits, without regard to capitals
 * and to how many spaces are between its words. `@assistant` is nobody of them.
 */
export function mentionedIn(content: string, people: readonly Nameable[]): string[] {
  const text = plain(content);
  const places = placesOf(text);
  if (places.length === 0) return [];
  const byName = namesOf(people);
  const lengths = [...new Set([...byName.keys()].map((name) => name.length))].sort((a, b) => b - a);
  const ids = new Set(people.map(({ userId }) => userId));
  const found = new Set<string>();
  for (const place of places) {
    if (isAssistant(text, place)) continue;
    const id = USER_ID.exec(text.slice(place, place + 36))?.[0];
    const named = id !== undefined && ids.has(id) && ends(text, place + id.length) ? [id] : longest(text, place);
    for (const userId of named) {
      if (found.size >= MOST_MENTIONS) return [...found];
      found.add(userId);
    }
  }
  return [...found];

  function longest(of: string, place: number): readonly string[] {
    const length = lengths.find((it) => byName.has(of.slice(place, place + it)) && ends(of, place + it));
    return length === undefined ? [] : (byName.get(of.slice(place, place + length)) ?? []);
  }
}

function namesOf(people: readonly Nameable[]): Map<string, string[]> {
  const byName = new Map<string, string[]>();
  const add = (names: Map<string, string[]>, name: string, userId: string) => {
    const key = plain(name).trim().replace(/^@+/, '');
    const bearers = names.get(key) ?? [];
    if (key !== '' && !bearers.includes(userId)) names.set(key, [...bearers, userId]);
  };
  for (const { userId, names } of people) for (const name of names) add(byName, name, userId);
  const short = new Map<string, string[]>();
  for (const { userId, shortName } of people) if (shortName !== null) add(short, shortName, userId);
  for (const [name, bearers] of short) if (bearers.length === 1 && !byName.has(name)) byName.set(name, bearers);
  return byName;
}

const plain = (text: string): string => text.normalize('NFC').toLowerCase().replace(/\s+/gu, ' ');

/** Where names begin, after each @. */
function placesOf(text: string): number[] {
  const places: number[] = [];
  for (const { index } of text.matchAll(PLACE)) {
    if (places.length >= MOST_PLACES) break;
    places.push(index + 1);
  }
  return places;
}

const ends = (text: string, index: number): boolean => !GOES_ON.test(text.slice(index, index + 4));

const isAssistant = (text: string, place: number): boolean =>
  text.startsWith(ASSISTANT, place) && ends(text, place + ASSISTANT.length);
