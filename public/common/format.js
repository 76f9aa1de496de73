const clock = new Intl.DateTimeFormat(undefined, { hour: 'numeric', minute: '2-digit' });
const day = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' });
const dayOfYear = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short', year: 'numeric' });
const weekday = new Intl.DateTimeFormat(undefined, { weekday: 'long' });
const full = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'medium' });
const precise = new Intl.DateTimeFormat('en-GB', {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  fractionalSecondDigits: 3,
});

/** The clock for today, the day for anything older. */
export function shortTime(value) {
  const date = new Date(value);
  const now = new Date();
  if (date.toDateString() === now.toDateString()) return clock.format(date);
  return (date.getFullYear() === now.getFullYear() ? day : dayOfYear).format(date);
}

export const timeOfDay = (value) => clock.format(new Date(value));

const DAY_MS = 24 * 60 * 60_000;

/** Today, Yesterday, else the weekday within a week, else the date. */
export function dayName(value, now = new Date()) {
  const date = new Date(value);
  const days = Math.round((new Date(now).setHours(0, 0, 0, 0) - new Date(date).setHours(0, 0, 0, 0)) / DAY_MS);
  if (days === 0) return 'Today';
  if (days === 1) return 'Yesterday';
  if (days > 1 && days < 7) return weekday.format(date);
  return (date.getFullYear() === now.getFullYear() ? day : dayOfYear).format(date);
}

export const fullTime = (value) => full.format(new Date(value));
export const preciseTime = (value) => precise.format(new Date(value));

/** `1 message`, `3 messages`. */
export const plural = (count, word) => `${count.toLocaleString()} ${word}${count === 1 ? '' : 's'}`;

/** The part of `text` around the first place where `query` occurs, cut into before, match and after. */
export function excerpt(text, query, around = 60) {
  const at = text.toLowerCase().indexOf(query.toLowerCase());
  if (at < 0) return { before: shorten(text, around * 2), match: '', after: '' };
  const from = Math.max(0, at - around);
  return {
    before: (from > 0 ? '…' : '') + text.slice(from, at),
    match: text.slice(at, at + query.length),
    after: shorten(text.slice(at + query.length), around),
  };
}

export const shorten = (text, length) => (text.length > length ? `${text.slice(0, length).trimEnd()}…` : text);
