import { call } from '../common/api.js';
import { isPassing } from '../common/errors.js';
import { createStore } from '../common/store.js';
import {
  emptyLog,
  isRunning,
  newestSeq,
  PAGE_SIZE,
  withDelta,
  withMessages,
  withNewest,
  withOlder,
} from './chat-log.js';
import { sendFrame } from './live.js';
import { myId } from './operators.js';
import { chatOf, patchChat, readChat } from './queue.js';

/** What was said and noted, by chat; only the open chat is kept current. */
export const chats = createStore({ openId: null, logs: {}, notes: {} });

/** News that come close together are looked at once, after this pause in ms. */
const LOOK_MS = 250;
const looks = new Map();
let readTimer;

export const logOf = (id) => chats.get().logs[id];

function changeLog(id, change) {
  chats.set(({ logs }) => {
    const log = logs[id];
    if (!log) return null;
    const next = typeof change === 'function' ? change(log) : { ...log, ...change };
    return next === log ? null : { logs: { ...logs, [id]: next } };
  });
}

export function forgetChats() {
  for (const timer of looks.values()) clearTimeout(timer);
  looks.clear();
  clearTimeout(readTimer);
  chats.set({ openId: null, logs: {}, notes: {} });
}

/** Shows a chat and keeps it current until another one is opened; `null` opens none. */
export async function openChat(id) {
  const { openId: before } = chats.get();
  if (before && before !== id) sendFrame('unsubscribe_from_chat', { chatId: before });
  chats.set(({ logs }) => ({ openId: id, logs: id ? { ...logs, [id]: logs[id] ?? emptyLog() } : logs }));
  if (!id) return;
  sendFrame('subscribe_to_chat', { chatId: id });
  await readOpenChat();
}

/** Reads the open chat again: at the start, and after a time without news. */
export async function readOpenChat() {
  const { openId: id } = chats.get();
  if (!id) return;
  try {
    const [messages] = await Promise.all([
      call('GET', `/api/chats/${id}/messages`, { query: { limit: PAGE_SIZE } }),
      readChat(id),
      readNotes(id),
    ]);
    changeLog(id, (log) => withNewest(log, messages));
    markReadSoon();
  } catch (error) {
    const isFirst = logOf(id)?.status !== 'ready';
    // What was read before stays to be seen; the banner tells why it is out of reach.
    if (error.code === 'CHAT_NOT_FOUND')
      changeLog(id, isFirst ? { status: 'failed', problem: error } : { isOutOfSight: true });
    else if (isFirst) changeLog(id, { status: 'failed', problem: error });
    else if (!isPassing(error)) throw error;
  }
}

export async function readNotes(id) {
  const notes = await call('GET', `/api/chats/${id}/notes`);
  chats.set(({ notes: known }) => ({ notes: { ...known, [id]: notes } }));
}

export async function addNote(id, text, key) {
  const note = await call('POST', `/api/chats/${id}/notes`, { body: { text }, key });
  chats.set(({ notes }) => ({
    notes: { ...notes, [id]: [...(notes[id] ?? []).filter((one) => one.id !== note.id), note] },
  }));
}

export async function loadOlder(id) {
  const log = logOf(id);
  if (!log || log.isLoadingOlder || !log.hasOlder) return;
  changeLog(id, { isLoadingOlder: true });
  try {
    const query = { before: log.messages[0].seq, limit: PAGE_SIZE };
    const page = await call('GET', `/api/chats/${id}/messages`, { query });
    changeLog(id, (now) => withOlder(now, page));
  } catch (error) {
    changeLog(id, { isLoadingOlder: false });
    throw error;
  }
}

/** A message came, or another state of one. */
export function takeMessages(id, messages) {
  changeLog(id, (log) => (log.status === 'ready' ? withMessages(log, messages) : log));
  if (chats.get().openId === id) markReadSoon();
}

export function takeDelta({ chatId, ...piece }) {
  if (chats.get().openId !== chatId || logOf(chatId)?.status !== 'ready') return;
  let isGap = false;
  changeLog(chatId, (log) => {
    const next = withDelta(log, piece);
    isGap = next.isGap;
    return next.log;
  });
  if (isGap) lookSoon(chatId);
}

/** Reads the open chat again soon. */
export function lookSoon(id) {
  if (looks.has(id) || chats.get().openId !== id) return;
  const look = () => {
    looks.delete(id);
    if (chats.get().openId === id) readOpenChat().catch(() => {});
  };
  looks.set(id, setTimeout(look, LOOK_MS));
}

// Whoever holds a chat has read what is on the screen.
function markReadSoon() {
  clearTimeout(readTimer);
  readTimer = setTimeout(() => void markRead().catch(() => {}), LOOK_MS);
}

async function markRead() {
  const { openId: id } = chats.get();
  const chat = id && chatOf(id);
  if (!chat || document.hidden || chat.unread_count === 0) return;
  if (chat.status !== 'in_progress' || chat.operator_id !== myId()) return;
  const seq = newestSeq(logOf(id));
  if (seq === 0) return;
  await call('POST', `/api/chats/${id}/read`, { body: { seq } });
  if (newestSeq(logOf(id)) === seq) patchChat(id, { unread_count: 0 });
}

document.addEventListener('visibilitychange', () => !document.hidden && markReadSoon());

/** The answer of the assistant that is being written, if any. */
export const runningAnswer = (log) => log?.messages.findLast((message) => isRunning(message)) ?? null;
