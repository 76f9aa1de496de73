import { safeAddress } from '../../common/markdown.js';

// What people write in rooms is text: only addresses and names of people in it are told apart. A pure reader.

const ADDRESS = /https?:\/\/[^\s<>"'`]{1,2000}/g;
const ASSISTANT = { id: 'assistant', name: 'assistant' };
const isWordBefore = (text, at) => /[\p{L}\p{N}_@]/u.test(text[at - 1] ?? '');
const isWordAfter = (text, at) => /[\p{L}\p{N}_]/u.test(text[at] ?? '');

/** Cuts text into strings, `{type: 'link', href, text}` and `{type: 'mention', id, text}`. `people` are `{id, name}`. */
export function textParts(text, people = []) {
  const parts = [];
  let from = 0;
  for (const found of text.matchAll(ADDRESS)) {
    const address = found[0].replace(/[.,;:!?)\]*_]+$/, '');
    const href = safeAddress(address);
    if (!href) continue;
    parts.push(...mentionParts(text.slice(from, found.index), people), { type: 'link', href, text: address });
    from = found.index + address.length;
  }
  return [...parts, ...mentionParts(text.slice(from), people)];
}

function mentionParts(text, people) {
  const parts = [];
  let from = 0;
  for (let at = text.indexOf('@'); at >= 0; at = text.indexOf('@', at + 1)) {
    const person = isWordBefore(text, at) ? undefined : namedAt(text, at + 1, people);
    if (!person) continue;
    const end = at + 1 + person.name.length;
    if (at > from) parts.push(text.slice(from, at));
    parts.push({ type: 'mention', id: person.id, text: text.slice(at, end) });
    from = end;
  }
  if (from < text.length) parts.push(text.slice(from));
  return parts;
}

// The longest name wins: "@Ada Byron" is not "@Ada".
function namedAt(text, at, people) {
  const rest = text.slice(at, at + 200).toLowerCase();
  return [ASSISTANT, ...people]
    .filter(({ name }) => name && rest.startsWith(name.toLowerCase()) && !isWordAfter(text, at + name.length))
    .sort((a, b) => b.name.length - a.name.length)[0];
}

/** The ids of the people whom a text names. */
export const mentionedIn = (text, people) => [
  ...new Set(
    textParts(text, people)
      .filter(({ type, id }) => type === 'mention' && id !== ASSISTANT.id)
      .map(({ id }) => id),
  ),
];

/** The name that is being typed before the caret: `{from, words}` after an `@`, or null. */
export function nameBeingTyped(text, caret) {
  const before = text.slice(Math.max(0, caret - 60), caret);
  const found = /(?:^|[^\p{L}\p{N}_@])@([\p{L}\p{N}_.-]*(?: [\p{L}\p{N}_.-]*)?)$/u.exec(before);
  return found ? { from: caret - found[1].length - 1, words: found[1].toLowerCase() } : null;
}

/** Who may be meant: the assistant and people one of whose names begins so. */
export function candidates(words, people, most = 8) {
  return [ASSISTANT, ...people]
    .filter(({ name }) => {
      const whole = name.toLowerCase();
      return whole.startsWith(words) || whole.split(/\s+/).some((part) => words && part.startsWith(words));
    })
    .slice(0, most);
}
