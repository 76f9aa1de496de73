import { announce } from '../common/ui/announcer.js';
import { call, callList } from '../common/api.js';
import { isPassing, RequestError } from '../common/errors.js';
import { command, connection, onLive } from '../common/live.js';
import { createStore } from '../common/store.js';
import { emptyLog, PAGE_SIZE, withChanges, withDelta, withEnd, withMessage, withPage } from './conversation-log.js';
import { outbox } from './outbox.js';
import { dropSession, fetchSession, sessions, touchSession } from './sessions.js';

/** Logs by session id. Only the open one is kept current; the others catch up when they are opened again. */
export const conversations = createStore({ openId: null, logs: {} });

/** Sessions that are being caught up with, and whether that must be done once more afterwards. */
const catchingUp = new Map();

export const forgetConversations = () => conversations.set({ openId: null, logs: {} });

const logOf = (id) => conversations.get().logs[id];

function change(id, next) {
  conversations.set(({ logs }) => ({
    logs: { ...logs, [id]: typeof next === 'function' ? next(logs[id]) : { ...logs[id], ...next } },
  }));
}

/** Shows a conversation and keeps it current until another one is opened; `null` opens none. */
export async function openConversation(id) {
  const { openId } = conversations.get();
  if (openId && openId !== id && connection.get().state === 'live')
    command('leave', { sessionId: openId }).catch(() => {});
  conversations.set({ openId: id });
  if (!id) return;
  if (!logOf(id)) change(id, emptyLog(id));
  if (!sessions.get().byId[id]) fetchSession(id).catch((error) => fail(id, error));
  await catchUp(id);
}

/** Joins, and reads what is missing: the newest page at first, later only what changed since. */
export async function catchUp(id) {
  if (catchingUp.has(id)) {
    catchingUp.set(id, true);
    return;
  }
  for (let again = true; again && logOf(id); again = catchingUp.get(id)) {
    catchingUp.set(id, false);
    try {
      if (logOf(id).cursor === null) await readNewest(id);
      else await readChanges(id);
    } catch (error) {
      if (!isPassing(error) || logOf(id)?.status === 'loading') fail(id, error);
    }
  }
  catchingUp.delete(id);
}

async function readNewest(id) {
  // `join` brings the newest page; without a connection it can be read all the same.
  const isLive = connection.get().state === 'live';
  const answer = isLive
    ? await command('join', { sessionId: id })
    : { messages: await call('GET', `/messages/${id}`, { query: { limit: PAGE_SIZE } }) };
  if (!logOf(id)) return;
  settleAll(id, answer);
  change(id, (log) => withPage(log, answer.messages));
  if (isLive) change(id, (log) => withChanges(log, answer));
}

async function readChanges(id) {
  const joined = await command('join', { sessionId: id, since: logOf(id).cursor });
  settleAll(id, joined);
  change(id, (log) => withChanges(log, joined));
  await readRest(id, joined);
  change(id, { status: 'ready', problem: null });
}

// A long absence comes in portions.
async function readRest(id, answer) {
  while (answer.more) {
    answer = await command('sync', { conversationId: id, since: logOf(id).cursor });
    settleAll(id, answer);
    change(id, (log) => withChanges(log, answer));
  }
}

// Stored before the connection broke: shown once, not once more as unsent.
function settleAll(id, { messages }) {
  for (const message of messages) outbox.settle(id, message);
}

function fail(id, error) {
  if (logOf(id)) change(id, { status: 'failed', problem: error, isLoadingOlder: false });
  if (error.code === 'SESSION_NOT_FOUND') dropSession(id);
}

export async function loadOlder(id) {
  const log = logOf(id);
  if (!log || log.isLoadingOlder || !log.hasOlder) return;
  change(id, { isLoadingOlder: true });
  try {
    const page = await call('GET', `/messages/${id}`, { query: { before: log.messages[0].seq, limit: PAGE_SIZE } });
    change(id, (now) => withPage(now, page));
  } catch (error) {
    change(id, { isLoadingOlder: false });
    throw error;
  }
}

/** Loads history back to the message with this number, as far as there is any. */
export async function loadBackTo(id, seq) {
  for (let log = logOf(id); log?.hasOlder && log.messages[0].seq > seq; log = logOf(id)) {
    if (log.isLoadingOlder) return;
    await loadOlder(id);
  }
}

/** Finds messages of this person that contain the words. */
export async function searchMessages(words) {
  return (await callList('/messages/search', { q: words, limit: 20 })).items;
}

/** Takes a message as the server now has it. */
export function takeMessage(message) {
  const id = message.sessionId ?? message.conversationId;
  outbox.settle(id, message);
  if (!logOf(id)) return;
  let isGap;
  change(id, (log) => {
    const next = withMessage(log, message);
    isGap = next.isGap;
    return next.log;
  });
  if (isGap && id === conversations.get().openId) void catchUp(id);
}

export async function stopAnswer(message) {
  if (connection.get().state === 'live') await command('message:stop', { messageId: message.id });
  else await call('POST', `/messages/${message.id}/stop`);
}

export async function regenerate(message) {
  if (connection.get().state === 'live') await command('message:regenerate', { messageId: message.id });
  else await call('POST', `/messages/${message.id}/regenerate`);
}

export async function editMessage(message, content) {
  takeMessage(await call('PATCH', `/messages/${message.id}`, { body: { content } }));
}

export async function deleteMessage(message) {
  takeMessage(await call('DELETE', `/messages/${message.id}`));
}

/** What a message said before its edits, oldest first: `{content, replacedAt}`. */
export const revisionsOf = (message) => call('GET', `/messages/${message.id}/revisions`);

/** Connects the logs to the live events; call once. */
export function followLiveEvents() {
  outbox.onStored(takeMessage);
  onLive('ready', () => {
    const { openId } = conversations.get();
    if (openId) void catchUp(openId);
  });
  onLive('message:new', (message) => {
    takeMessage(message);
    if (message.sessionId) touchSession(message.sessionId, message.createdAt);
  });
  onLive('message:update', takeMessage);
  onLive('session:deleted', ({ sessionId }) =>
    fail(sessionId, new RequestError({ code: 'SESSION_NOT_FOUND', message: 'No such session.' })),
  );
  onLive('message:stream', (piece) => {
    const log = logOf(piece.sessionId);
    if (!log || log.status !== 'ready') return;
    const next = withDelta(log, piece);
    if (next.log !== log) change(piece.sessionId, next.log);
    if (next.isGap) void catchUp(piece.sessionId);
  });
  onLive('message:done', (end) => {
    const log = logOf(end.sessionId);
    if (!log) return;
    change(end.sessionId, withEnd(log, end));
    const answer = logOf(end.sessionId).messages.find(({ id }) => id === end.messageId);
    if (end.sessionId === conversations.get().openId && answer) announce(endText(end, answer));
    if (!sessions.get().byId[end.sessionId]?.title) awaitTitle(end.sessionId);
  });
}

function endText({ status }, { content }) {
  if (status === 'complete') return `Assistant: ${content.slice(0, 600)}`;
  return (
    { stopped: 'The answer was stopped.', interrupted: 'The answer broke off.', failed: 'The answer failed.' }[
      status
    ] ?? ''
  );
}

// The server names an untitled session a moment after its first exchange.
function awaitTitle(id, tries = 4) {
  setTimeout(async () => {
    const session = await fetchSession(id).catch(() => null);
    if (session && !session.title && tries > 1) awaitTitle(id, tries - 1);
  }, 700);
}
