import { call } from '../common/api.js';
import { ownKey } from '../common/auth.js';
import { isPassing } from '../common/errors.js';
import { randomId } from '../common/ids.js';
import { keysWith, load, save } from '../common/storage.js';
import { createStore } from '../common/store.js';
import { answerableSeq } from './chat-log.js';
import { logOf, takeMessages } from './chats.js';
import { loadDraft, saveDraft } from './drafts.js';
import { onFrame } from './live.js';
import { myId } from './operators.js';
import { patchChat } from './queue.js';

// Replies on their way. They are kept in the browser until the server has them, and repeated under the same id: that does no harm.

const BACKOFF_MS = [500, 1000, 2000, 4000];

/** `byChat`: `{clientMessageId, text, seen, createdAt, state: sending|failed, problem}`; `missed`: what came before a reply could go. */
export const replies = createStore({ byChat: {}, missed: {} });

const keyOf = (chatId) => ownKey(`desk.sending.${chatId}`);
const entriesOf = (chatId) => replies.get().byChat[chatId] ?? [];
const sending = new Map();

function setEntries(chatId, entries) {
  replies.set(({ byChat }) => ({ byChat: { ...byChat, [chatId]: entries } }));
  save(keyOf(chatId), entries.length > 0 ? entries : null);
}

/** Sends a reply to what the operator has seen up to number `seen`. */
export function sendReply(chatId, text, seen) {
  const createdAt = new Date().toISOString();
  forgetMissed(chatId);
  setEntries(chatId, [
    ...entriesOf(chatId),
    { clientMessageId: randomId(), text, seen, createdAt, state: 'sending', problem: null },
  ]);
  void deliver(chatId);
}

export function retryReply(chatId, clientMessageId) {
  setEntries(
    chatId,
    entriesOf(chatId).map((entry) =>
      entry.clientMessageId === clientMessageId ? { ...entry, state: 'sending', problem: null } : entry,
    ),
  );
  void deliver(chatId);
}

export function discardReply(chatId, clientMessageId) {
  setEntries(
    chatId,
    entriesOf(chatId).filter((entry) => entry.clientMessageId !== clientMessageId),
  );
}

/** Goes on with what an earlier visit left. */
export function restoreReplies() {
  for (const key of keysWith(keyOf(''))) {
    const chatId = key.slice(keyOf('').length);
    setEntries(chatId, load(key, []));
    void deliver(chatId);
  }
}

export function forgetReplies() {
  for (const wake of sending.values()) wake?.();
  replies.set({ byChat: {}, missed: {} });
}

export function forgetMissed(chatId) {
  if (!replies.get().missed[chatId]) return;
  replies.set(({ missed: { [chatId]: _seen, ...missed } }) => ({ missed }));
}

async function deliver(chatId) {
  if (sending.has(chatId)) return;
  sending.set(chatId, null);
  const next = () => entriesOf(chatId).find(({ state }) => state === 'sending');
  for (let tries = 0, entry = next(); entry; entry = next()) {
    const isThrough = await tryOnce(chatId, entry);
    tries = isThrough ? 0 : tries + 1;
    if (!isThrough) await pause(chatId, BACKOFF_MS[Math.min(tries, BACKOFF_MS.length) - 1]);
  }
  sending.delete(chatId);
}

function pause(chatId, ms) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    sending.set(chatId, () => (clearTimeout(timer), resolve()));
  });
}

// Returns whether there is nothing more to be tried with it.
async function tryOnce(chatId, { clientMessageId, text, seen }) {
  const ifSeq = answerableSeq(logOf(chatId)?.messages ?? [], seen, myId());
  try {
    const message = await call('POST', `/api/chats/${chatId}/messages`, { body: { text, ifSeq, clientMessageId } });
    takeMessages(chatId, [message]);
    patchChat(chatId, { last_message: message, unread_count: 0 });
    discardReply(chatId, clientMessageId);
  } catch (error) {
    if (isPassing(error)) return false;
    if (error.code === 'STALE_READ') giveBack(chatId, { clientMessageId, text }, error.details?.messages ?? []);
    else
      setEntries(
        chatId,
        entriesOf(chatId).map((entry) =>
          entry.clientMessageId === clientMessageId ? { ...entry, state: 'failed', problem: error.message } : entry,
        ),
      );
  }
  return true;
}

/** Called with a chat whose draft was changed here. */
const draftWatchers = new Set();
export function onDraftChange(watcher) {
  draftWatchers.add(watcher);
  return () => draftWatchers.delete(watcher);
}

// Something was said that the operator had not seen: the reply goes back into the field, to be thought over.
function giveBack(chatId, { clientMessageId, text }, messages) {
  discardReply(chatId, clientMessageId);
  takeMessages(chatId, messages);
  putBack(chatId, text);
  replies.set(({ missed }) => ({ missed: { ...missed, [chatId]: messages.map(({ id }) => id) } }));
}

/** Puts a text before what is being written. */
export function putBack(chatId, text) {
  const draft = loadDraft('reply', chatId).text;
  saveDraft('reply', chatId, { text: draft ? `${text}\n${draft}` : text, basedOn: null });
  for (const watcher of draftWatchers) watcher(chatId);
}

const wakeAll = () => sending.forEach((wake) => wake?.());
onFrame('ready', wakeAll);
addEventListener('online', wakeAll);
