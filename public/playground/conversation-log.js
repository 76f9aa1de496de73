// One conversation as this page knows it. Pure functions: each takes a log and returns the next one.
// `cursor` is the number up to which every change has been seen; a jump beyond it means that something was missed.

export const PAGE_SIZE = 50;

/** `status`: loading | ready | failed. */
export const emptyLog = (sessionId) => ({
  sessionId,
  status: 'loading',
  problem: null,
  messages: [],
  cursor: null,
  hasOlder: false,
  isLoadingOlder: false,
});

/** Puts messages in, each in its newest known state. Those older than what is loaded stay out: their page brings them. */
function merge(log, messages, { isPage = false } = {}) {
  if (messages.length === 0) return log;
  const known = new Map(log.messages.map((message) => [message.id, message]));
  const oldest = log.messages[0]?.seq ?? 0;
  for (const message of messages) {
    const before = known.get(message.id);
    if (!before && !isPage && log.hasOlder && message.seq < oldest) continue;
    if (before && before.changeSeq > message.changeSeq) continue;
    known.set(message.id, before ? newer(before, message) : message);
  }
  return { ...log, messages: [...known.values()].sort((a, b) => a.seq - b.seq) };
}

// The stored text of a running answer may lie behind the pieces that have already been shown.
function newer(before, message) {
  const isBehind =
    message.status === 'streaming' && before.status === 'streaming' && before.content.length > message.content.length;
  return isBehind ? { ...message, content: before.content } : message;
}

/** A page of history, ascending. */
export function withPage(log, messages, { limit = PAGE_SIZE } = {}) {
  const next = merge(log, messages, { isPage: true });
  const hasOlder = messages.length >= limit && messages[0].seq > 1;
  return { ...next, hasOlder, isLoadingOlder: false, status: 'ready', problem: null };
}

/** One message event. `isGap` tells that changes before it are missing. */
export function withMessage(log, message) {
  const isGap = log.cursor !== null && message.changeSeq > log.cursor + 1;
  const cursor = log.cursor !== null && message.changeSeq === log.cursor + 1 ? message.changeSeq : log.cursor;
  return { log: { ...merge(log, [message]), cursor }, isGap };
}

/** A piece of a running answer. `isGap` tells that pieces before it are missing. */
export function withDelta(log, { messageId, delta, offset }) {
  const message = log.messages.find(({ id }) => id === messageId);
  if (!message) return { log, isGap: true };
  if (message.status !== 'streaming') return { log, isGap: false };
  if (offset > message.content.length) return { log, isGap: true };
  // A repeated piece would cut the text for a moment.
  if (message.content.startsWith(delta, offset)) return { log, isGap: false };
  return { log: withContent(log, messageId, message.content.slice(0, offset) + delta), isGap: false };
}

/** The text so far of a running answer, as `join` tells it. */
export function withStreaming(log, { messageId, content }) {
  const message = log.messages.find(({ id }) => id === messageId);
  return message?.status === 'streaming' && content.length > message.content.length
    ? withContent(log, messageId, content)
    : log;
}

function withContent(log, messageId, content) {
  return {
    ...log,
    messages: log.messages.map((message) => (message.id === messageId ? { ...message, content } : message)),
  };
}

/** The answer to `join` or `sync`: everything that changed up to `head`. */
export function withChanges(log, { head, messages = [], streaming, more = false, reset = false }) {
  // The server never reached our number: a database from a backup, say. What it tells now is everything.
  if (reset) log = { ...emptyLog(log.sessionId), status: 'ready' };
  const next = merge(log, messages);
  const cursor = more
    ? Math.max(log.cursor ?? 0, ...messages.map(({ changeSeq }) => changeSeq))
    : Math.max(log.cursor ?? 0, head);
  return streaming ? withStreaming({ ...next, cursor }, streaming) : { ...next, cursor };
}

/** How an answer ended, when that news comes before the message's final state. */
export function withEnd(log, { messageId, usage, error }) {
  const extra = { ...(usage ? { usage } : {}), ...(error ? { error } : {}) };
  return {
    ...log,
    messages: log.messages.map((message) => (message.id === messageId ? { ...message, ...extra } : message)),
  };
}

/** The answer that is being written, if any. */
export const runningAnswer = (log) =>
  log?.messages.findLast(({ status, deletedAt }) => status === 'streaming' && !deletedAt) ?? null;

/** The log in the order of reading: messages, and runs of replaced ones folded into `{earlier: [...]}`. */
export function folded(messages) {
  const rows = [];
  for (const message of messages) {
    if (!message.supersededById) rows.push(message);
    else if (rows.at(-1)?.earlier) rows.at(-1).earlier.push(message);
    else rows.push({ id: `earlier-${message.id}`, earlier: [message] });
  }
  return rows;
}
