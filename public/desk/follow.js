import { isPassing } from '../common/errors.js';
import { createStore } from '../common/store.js';
import { chats, logOf, lookSoon, readNotes, readOpenChat, runningAnswer, takeDelta, takeMessages } from './chats.js';
import { connection, onFrame, sendFrame } from './live.js';
import { loadOperators, takeStatus } from './operators.js';
import { chatOf, dropChat, patchChat, readChat, readQueue, takeChat } from './queue.js';

// Keeps what is shown as the server has it: by live news, and where those were missing by reading again.

/** Between two readings while there are no live news, in ms. */
const POLL_MS = 4000;

/** `reach`: ok | away. Whether the server answers at all, live or not. */
export const reach = createStore({ state: 'ok' });

let timer;
let isOn = false;

export function beginFollowing() {
  isOn = true;
  void catchUp();
}

export function endFollowing() {
  isOn = false;
  clearTimeout(timer);
}

/** Reads everything that is shown; while no live news come, again and again. */
export async function catchUp() {
  clearTimeout(timer);
  try {
    await Promise.all([readQueue(), readOpenChat(), loadOperators()]);
    reach.set({ state: 'ok' });
  } catch (error) {
    if (isPassing(error)) reach.set({ state: 'away' });
  }
  clearTimeout(timer);
  if (isOn && (connection.get().state !== 'live' || reach.get().state === 'away'))
    timer = setTimeout(() => void catchUp(), POLL_MS);
}

connection.subscribe(({ state }) => {
  if (!isOn || state !== 'away') return;
  clearTimeout(timer);
  timer = setTimeout(() => void catchUp(), POLL_MS);
});

onFrame('ready', ({ isReturn }) => {
  const { openId } = chats.get();
  if (openId) sendFrame('subscribe_to_chat', { chatId: openId });
  // A first connection tells what changes from now on; what was before is read. A return is told what it missed.
  if (isReturn) clearTimeout(timer);
  else void catchUp();
});

onFrame('synced', ({ complete, operators = [] }) => {
  operators.forEach(takeStatus);
  if (!complete) return void catchUp();
  reach.set({ state: 'ok' });
  // Pieces of what is being written are not told again.
  if (runningAnswer(logOf(chats.get().openId))) lookSoon(chats.get().openId);
});

onFrame('new_message', ({ chatId, message }) => {
  takeMessages(chatId, [message]);
  const isKnown = patchChat(chatId, (chat) => withLast(chat, message));
  if (!isKnown) void readChat(chatId).catch(() => {});
});

onFrame('message_update', ({ chatId, message }) => takeMessages(chatId, [message]));
onFrame('message_delta', takeDelta);

onFrame('chat_status_change', ({ chatId, status, operatorId = null }) => {
  const chat = chatOf(chatId);
  if (chat) patchChat(chatId, { status, operator_id: operatorId });
  // The rest of what changed with it: since when it waits, who closed it and why.
  void readChat(chatId).catch(() => {});
  lookSoon(chatId);
});

onFrame('chat_update', ({ chatId, chat }) => {
  if (chat) takeChat(chat);
  else void readChat(chatId).catch(() => {});
  if (chats.get().openId === chatId) void readNotes(chatId).catch(() => {});
});

onFrame('chat_removed', ({ chatId }) => dropChat(chatId));
onFrame('operator_status_change', takeStatus);

// Notices of the server are nothing that anybody said.
function withLast(chat, message) {
  if (message.metadata?.role === 'system') return {};
  const { last_message: last, unread_count: unread, updated_at: at } = chat;
  const isNewest = !last || message.seq >= last.seq;
  const isNew = !last || message.seq > last.seq;
  const isUnread = isNew && message.author_type === 'user' && !message.is_read;
  return {
    last_message: isNewest ? message : last,
    unread_count: unread + (isUnread ? 1 : 0),
    updated_at: isNew && message.timestamp > at ? message.timestamp : at,
  };
}
