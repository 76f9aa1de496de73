// One chat as this page knows it. Pure functions: each takes a log and returns the next one.

export const PAGE_SIZE = 50;

/** `status`: loading | ready | failed. */
export const emptyLog = () => ({
  status: 'loading',
  problem: null,
  messages: [],
  hasOlder: false,
  isLoadingOlder: false,
});

const changeOf = ({ seq, metadata }) => metadata?.change_seq ?? seq;
export const isRunning = ({ metadata }) => metadata?.status === 'streaming';

function merge(messages, added) {
  const known = new Map(messages.map((message) => [message.id, message]));
  for (const message of added) {
    const before = known.get(message.id);
    if (before && changeOf(before) > changeOf(message)) continue;
    known.set(message.id, before ? newer(before, message) : message);
  }
  // What another branch replaced is not part of the talk any more.
  return [...known.values()].filter(({ metadata }) => !metadata?.superseded_by_id).sort((a, b) => a.seq - b.seq);
}

// What is read of a running answer may lie behind the pieces that have already been shown.
function newer(before, message) {
  const isBehind = isRunning(before) && isRunning(message) && before.text.length > message.text.length;
  const merged = isBehind ? { ...message, text: before.text } : message;
  return before.is_read && !message.is_read ? { ...merged, is_read: true } : merged;
}

/** The newest page as it was just read: what it leaves out of its range is gone, and where it does not reach is loaded anew. */
export function withNewest(log, page, { limit = PAGE_SIZE } = {}) {
  const first = page[0]?.seq ?? 0;
  const last = page.at(-1)?.seq ?? 0;
  const isFull = page.length >= limit;
  const reaches = log.messages.length > 0 && (!isFull || first <= log.messages.at(-1).seq);
  const inPage = new Set(page.map(({ id }) => id));
  const kept = log.messages.filter(({ id, seq }) => inPage.has(id) || seq > last || (reaches && isFull && seq < first));
  const hasOlder = reaches && isFull && kept[0]?.seq < first ? log.hasOlder : isFull;
  return { ...log, status: 'ready', problem: null, messages: merge(kept, page), hasOlder };
}

/** An earlier page, ascending. */
export function withOlder(log, page, { limit = PAGE_SIZE } = {}) {
  return { ...log, messages: merge(log.messages, page), hasOlder: page.length >= limit, isLoadingOlder: false };
}

/** Messages in their newest state. Those before what is loaded stay out: their page brings them. */
export function withMessages(log, messages) {
  const first = log.messages[0]?.seq ?? 0;
  const known = new Set(log.messages.map(({ id }) => id));
  const wanted = messages.filter(({ id, seq }) => known.has(id) || !log.hasOlder || seq >= first);
  return wanted.length > 0 ? { ...log, messages: merge(log.messages, wanted) } : log;
}

/** A piece of a running answer. `isGap` tells that something before it is missing. */
export function withDelta(log, { messageId, delta, offset }) {
  const message = log.messages.find(({ id }) => id === messageId);
  if (!message) return { log, isGap: true };
  if (!isRunning(message)) return { log, isGap: false };
  if (offset > message.text.length) return { log, isGap: true };
  // A repeated piece would cut the text for a moment.
  if (message.text.startsWith(delta, offset)) return { log, isGap: false };
  const text = message.text.slice(0, offset) + delta;
  const messages = log.messages.map((one) => (one.id === messageId ? { ...one, text } : one));
  return { log: { ...log, messages }, isGap: false };
}

export const newestSeq = (log) => log?.messages.at(-1)?.seq ?? 0;

/**
 * Up to which number an operator who has seen `seen` may still answer: what they said themselves since changes nothing.
 */
export function answerableSeq(messages, seen, me) {
  let seq = seen;
  for (const message of messages) {
    if (message.seq <= seen) continue;
    const isOthers = message.author_type === 'user' || (message.author_type === 'operator' && message.author_id !== me);
    if (isOthers) break;
    seq = message.seq;
  }
  return seq;
}

/** Messages and notes in the order of reading: `{day}`, `{note}` and `{message, isFirst}`; `isFirst` begins a run of one speaker. */
export function timelineOf(messages, notes = [], { hasOlder = false } = {}) {
  const start = hasOlder ? (messages[0]?.timestamp ?? '') : '';
  const entries = [
    ...messages.map((message) => ({ key: message.id, at: message.timestamp, message })),
    ...notes
      .filter(({ created_at }) => created_at >= start)
      .map((note) => ({ key: `note-${note.id}`, at: note.created_at, note })),
  ];
  // Stable: messages keep the order of their numbers.
  entries.sort((a, b) =>
    a.message && b.message ? a.message.seq - b.message.seq : a.at < b.at ? -1 : a.at > b.at ? 1 : 0,
  );
  const rows = [];
  let before = null;
  for (const entry of entries) {
    const isNewDay = !before || new Date(before.at).toDateString() !== new Date(entry.at).toDateString();
    if (isNewDay) rows.push({ key: `day-${entry.key}`, day: entry.at });
    rows.push({ ...entry, isFirst: isNewDay || !isSameSpeaker(before, entry) });
    before = entry;
  }
  return rows;
}

const isSameSpeaker = ({ message: a }, { message: b }) =>
  Boolean(a && b) &&
  a.author_type === b.author_type &&
  a.author_id === b.author_id &&
  (a.metadata?.role ?? null) === (b.metadata?.role ?? null);
