import { withMessage } from '../conversation-log.js';

// What a room's log has beyond that of a session, and what is read out of it. Pure functions.

/** Messages of one person within this time stand under one name, in ms. */
const RUN_MS = 5 * 60_000;

/** A deletion. `isGap` tells that changes before it are missing. */
export function withDeleted(log, { messageId, changeSeq }) {
  const message = log.messages.find(({ id }) => id === messageId);
  if (!message) return withNumbers(log, { changeSeq });
  const deletedAt = message.deletedAt ?? new Date().toISOString();
  const emptied = { ...message, content: '', fileUrl: null, reactions: [], status: 'complete', changeSeq, deletedAt };
  return withMessage(log, emptied);
}

/** A change that is no message took the numbers `from`…`changeSeq`. `isGap` tells that changes before it are missing. */
export function withNumbers(log, { from, changeSeq }) {
  if (log.cursor === null || !changeSeq || changeSeq <= log.cursor) return { log, isGap: false };
  if ((from ?? changeSeq) > log.cursor + 1) return { log, isGap: true };
  return { log: { ...log, cursor: changeSeq }, isGap: false };
}

/** Reactions of a message after one came or went. `isGap` tells that changes before it are missing. */
export function withReactions(log, { messageId, reactions, changeSeq }) {
  const message = log.messages.find(({ id }) => id === messageId);
  return message ? withMessage(log, { ...message, reactions, changeSeq }) : withNumbers(log, { changeSeq });
}

/** Places of people after changes, which may be parts of a place: those who left go, older news change nothing. */
export function withPlaces(participants, changed) {
  const places = new Map(participants.map((place) => [place.userId, place]));
  for (const place of changed) {
    const before = places.get(place.userId);
    if (before && before.changeSeq > place.changeSeq) continue;
    if (place.leftAt) places.delete(place.userId);
    else if (before || place.user) places.set(place.userId, farther(before, { ...before, ...place }));
  }
  return [...places.values()].sort((a, b) => a.joinedAt.localeCompare(b.joinedAt));
}

/**
 * A room as it was just read. What was marked while the answer was under way is not in it: positions do not move back, and
 * what this person had read stays read.
 */
export function withRoom(before, room, me) {
  if (!before) return room;
  const old = new Map(before.participants.map((place) => [place.userId, place]));
  const participants = room.participants.map((place) => farther(old.get(place.userId), place));
  const own = room.participants.find(({ userId }) => userId === me);
  const isStale = own && (old.get(me)?.lastReadSeq ?? 0) > own.lastReadSeq;
  return { ...room, participants, unreadCount: isStale ? before.unreadCount : room.unreadCount };
}

const farther = (before, place) => ({
  ...place,
  lastReadSeq: Math.max(before?.lastReadSeq ?? 0, place.lastReadSeq),
  lastDeliveredSeq: Math.max(before?.lastDeliveredSeq ?? 0, place.lastDeliveredSeq),
});

/** Somebody has read (which is also: got) everything up to a number. */
export const withRead = (participants, userId, seq) =>
  participants.map((place) =>
    place.userId === userId && place.lastReadSeq < seq
      ? { ...place, lastReadSeq: seq, lastDeliveredSeq: Math.max(seq, place.lastDeliveredSeq) }
      : place,
  );

/** How far an own message has come: `{state: sent|delivered|read, read, delivered, waiting}` with the people of each. */
export function receiptOf({ seq }, participants, me) {
  const others = participants.filter(({ userId }) => userId !== me);
  const read = others.filter(({ lastReadSeq }) => lastReadSeq >= seq);
  const delivered = others.filter((place) => place.lastReadSeq < seq && place.lastDeliveredSeq >= seq);
  const waiting = others.filter((place) => place.lastReadSeq < seq && place.lastDeliveredSeq < seq);
  const isAll = others.length > 0 && waiting.length === 0;
  const state = isAll && delivered.length === 0 ? 'read' : isAll ? 'delivered' : 'sent';
  return { state, read, delivered, waiting };
}

/** The state of a receipt in words. */
export function receiptText({ state, read, delivered, waiting }) {
  const all = read.length + delivered.length + waiting.length;
  if (state === 'read') return all > 1 ? 'Read by everybody' : 'Read';
  if (read.length > 0) return `Read by ${read.length} of ${all}`;
  return state === 'delivered' ? 'Delivered' : 'Sent';
}

const isFromOthers = (message, me) => message.senderId !== me && message.role !== 'system';

/** The newest message of others that is not read yet: marking it marks all before it. Undefined when there is none. */
export const toMark = (messages, me, lastReadSeq) =>
  messages.findLast(
    (message) =>
      message.seq > lastReadSeq && isFromOthers(message, me) && !message.deletedAt && message.status !== 'streaming',
  );

/** The first message of others after a position: where "New" is drawn; undefined when there is none. */
export const firstUnread = (messages, me, lastReadSeq) =>
  messages.find((message) => message.seq > lastReadSeq && isFromOthers(message, me) && !message.deletedAt);

/** The log in the order of reading: `{day}`, `{isNew}` and `{message, isFirst}`; `isFirst` begins somebody's run. */
export function roomRows(messages, { unreadId = null } = {}) {
  const rows = [];
  let before = null;
  for (const message of messages) {
    if (message.supersededById) continue;
    const day = new Date(message.createdAt).toDateString();
    const isNewDay = !before || day !== new Date(before.createdAt).toDateString();
    if (isNewDay) rows.push({ key: `day ${day}`, day: message.createdAt });
    const isNew = message.id === unreadId;
    if (isNew) rows.push({ key: 'new', isNew });
    rows.push({ key: message.id, message, isFirst: isNewDay || isNew || !isRun(before, message) });
    before = message;
  }
  return rows;
}

const isRun = (before, message) =>
  before.senderId === message.senderId &&
  before.role === message.role &&
  !message.replyToId &&
  Date.parse(message.createdAt) - Date.parse(before.createdAt) < RUN_MS;
