import { call } from '../../common/api.js';
import { isPassing } from '../../common/errors.js';
import { command, connection } from '../../common/live.js';
import { createStore } from '../../common/store.js';
import { emptyLog, PAGE_SIZE, withChanges, withPage } from '../conversation-log.js';
import { firstUnread } from './room-log.js';
import { roomOutbox } from './room-outbox.js';
import { dropRoom, fetchRoom, myId, roomOf, takePlaces, takeRoom } from './rooms.js';

/**
 * Logs by room id; only the open one is kept current, the others catch up when they are opened again: then `isCurrent` is true.
 * Before the message `unreadId` "New" is drawn.
 */
export const roomLogs = createStore({ openId: null, logs: {} });

/** Between two looks for what a jump in the numbers hides, in ms: receipts take numbers, too. */
const LOOK_MS = 400;
/** Rooms that are being caught up with, and whether that must be done once more afterwards. */
const catchingUp = new Map();
const looks = new Map();

export function forgetRoomLogs() {
  for (const timer of looks.values()) clearTimeout(timer);
  looks.clear();
  roomLogs.set({ openId: null, logs: {} });
}

export const logOf = (id) => roomLogs.get().logs[id];
export const isOpen = (id) => roomLogs.get().openId === id;

export function changeLog(id, next) {
  roomLogs.set(({ logs }) => {
    if (!logs[id]) return null;
    return { logs: { ...logs, [id]: typeof next === 'function' ? next(logs[id]) : { ...logs[id], ...next } } };
  });
}

/** Shows a room and keeps it current until another one is opened; `null` opens none. */
export async function openRoom(id) {
  const { openId } = roomLogs.get();
  if (openId && openId !== id && connection.get().state === 'live')
    command('leaveChatRoom', { chatRoomId: openId }).catch(() => {});
  const isNew = openId !== id;
  roomLogs.set(({ logs }) => ({ openId: id, logs: id ? { ...logs, [id]: logs[id] ?? emptyLog(id) } : logs }));
  if (!id) return;
  if (isNew) changeLog(id, { isCurrent: false, unreadId: null });
  await catchUp(id);
}

/** What this person has not read yet is new from now on; nothing else is. */
export function markNew(id) {
  const own = roomOf(id)?.participants.find(({ userId }) => userId === myId());
  const first = own && firstUnread(logOf(id)?.messages ?? [], myId(), own.lastReadSeq);
  changeLog(id, (log) => (log.unreadId === (first?.id ?? null) ? log : { ...log, unreadId: first?.id ?? null }));
}

export const unmarkNew = (id) => changeLog(id, { unreadId: null });

/** Joins, and reads what is missing: the newest page at first, later only what changed since. */
export async function catchUp(id) {
  if (catchingUp.has(id)) {
    catchingUp.set(id, true);
    return;
  }
  for (let again = true; again && logOf(id); again = catchingUp.get(id)) {
    catchingUp.set(id, false);
    try {
      if (connection.get().state === 'live') await join(id);
      else if (logOf(id).cursor === null) await readPage(id);
    } catch (error) {
      if (!isPassing(error) || logOf(id)?.status === 'loading') failLog(id, error);
    }
  }
  catchingUp.delete(id);
}

async function join(id) {
  const since = logOf(id).cursor;
  const answer = await command('joinChatRoom', { chatRoomId: id, ...(since === null ? {} : { since }) });
  // Opened and left again meanwhile: the server must not think that somebody looks.
  if (!isOpen(id)) command('leaveChatRoom', { chatRoomId: id }).catch(() => {});
  if (!logOf(id)) return;
  takeRoom(answer.chatRoom);
  if (since === null) changeLog(id, (log) => withPage(log, answer.messages));
  await takeAnswer(id, answer);
  changeLog(id, { status: 'ready', problem: null, isCurrent: isOpen(id) });
}

// Without a connection the newest page can be read all the same.
async function readPage(id) {
  await fetchRoom(id);
  const messages = await call('GET', `/chat-rooms/${id}/messages`, { query: { limit: PAGE_SIZE } });
  changeLog(id, (log) => withPage(log, messages));
}

// A long absence comes in portions.
async function takeAnswer(id, answer) {
  for (;;) {
    for (const message of answer.messages) roomOutbox.settle(id, message);
    changeLog(id, (log) => withChanges(log, answer));
    if (answer.participants) takePlaces(id, answer.participants);
    if (!answer.more || !logOf(id)) return;
    answer = await command('sync', { conversationId: id, since: logOf(id).cursor });
  }
}

/** Looks soon for what a jump in the numbers hides; jumps that come close together are one. */
export function lookSoon(id) {
  if (looks.has(id) || !logOf(id)) return;
  looks.set(
    id,
    setTimeout(() => {
      looks.delete(id);
      void look(id);
    }, LOOK_MS),
  );
}

async function look(id) {
  const since = logOf(id)?.cursor;
  if (since == null || !isOpen(id)) return;
  try {
    const answer = await command('sync', { conversationId: id, since });
    await takeAnswer(id, answer);
    if (answer.chatRoom) await fetchRoom(id);
  } catch (error) {
    if (error.code === 'CHAT_ROOM_NOT_FOUND' || error.code === 'CONVERSATION_NOT_FOUND') void catchUp(id);
  }
}

export function failLog(id, problem) {
  changeLog(id, { status: 'failed', problem, isLoadingOlder: false });
  if (problem.code === 'CHAT_ROOM_NOT_FOUND') dropRoom(id);
}

export async function loadOlder(id) {
  const log = logOf(id);
  if (!log || log.isLoadingOlder || !log.hasOlder) return;
  changeLog(id, { isLoadingOlder: true });
  try {
    const query = { before: log.messages[0].seq, limit: PAGE_SIZE };
    const page = await call('GET', `/chat-rooms/${id}/messages`, { query });
    changeLog(id, (now) => withPage(now, page));
  } catch (error) {
    changeLog(id, { isLoadingOlder: false });
    throw error;
  }
}

/** Loads history back until `isThere(log)`, as far as there is any. */
export async function loadBackUntil(id, isThere) {
  for (let log = logOf(id); log?.hasOlder && !isThere(log); log = logOf(id)) {
    if (log.isLoadingOlder) return;
    await loadOlder(id);
  }
}
