import { ownKey } from '../common/auth.js';
import { isPassing } from '../common/errors.js';
import { randomId } from '../common/ids.js';
import { command, connection, onLive } from '../common/live.js';
import { keysWith, load, onForeignChange, save } from '../common/storage.js';
import { createStore } from '../common/store.js';

// Messages that the server has not confirmed yet. They are kept in the browser's storage, so that neither a reload nor a dead
// connection loses one, and sent in order with the same clientMessageId until the server acknowledges: a repetition does no harm.

/** Entries by session: `{clientMessageId, content, createdAt, state: waiting|sending|failed, problem}`. */
export const outbox = createStore({ bySession: {} });

/** Until when, in ms since the epoch, the server asked to wait with messages. */
export const cooldown = createStore({ until: 0 });

/** Called with each message that the server has confirmed. */
const receivers = new Set();
export const onStored = (receiver) => receivers.add(receiver);

const BACKOFF_MS = [1000, 2000, 4000, 8000, 15_000];
const sending = new Set();

const keyOf = (sessionId) => ownKey(`outbox.${sessionId}`);
const entriesOf = (sessionId) => outbox.get().bySession[sessionId] ?? [];

function setEntries(sessionId, entries) {
  outbox.set(({ bySession }) => ({ bySession: { ...bySession, [sessionId]: entries } }));
  save(keyOf(sessionId), entries.length > 0 ? entries : null);
}

function patch(sessionId, clientMessageId, change) {
  setEntries(
    sessionId,
    entriesOf(sessionId).map((entry) => (entry.clientMessageId === clientMessageId ? { ...entry, ...change } : entry)),
  );
}

/** Takes a message on its way. It is shown at once and sent as soon as that is possible. */
export function send(sessionId, content) {
  const entry = {
    clientMessageId: randomId(),
    content,
    createdAt: new Date().toISOString(),
    state: 'waiting',
    problem: null,
  };
  setEntries(sessionId, [...entriesOf(sessionId), entry]);
  void deliver(sessionId);
}

export function retry(sessionId, clientMessageId) {
  patch(sessionId, clientMessageId, { state: 'waiting', problem: null });
  void deliver(sessionId);
}

export function discard(sessionId, clientMessageId) {
  setEntries(
    sessionId,
    entriesOf(sessionId).filter((entry) => entry.clientMessageId !== clientMessageId),
  );
}

/** A stored message has come, by whatever way: nothing of it is left to send. */
export function settle(sessionId, { clientMessageId }) {
  if (clientMessageId && entriesOf(sessionId).some((entry) => entry.clientMessageId === clientMessageId))
    discard(sessionId, clientMessageId);
}

/** Brings back what an earlier visit left, in whatever session, and sends it. */
export function restoreOutbox() {
  for (const key of keysWith(keyOf(''))) {
    const sessionId = key.slice(keyOf('').length);
    const kept = load(key, []);
    setEntries(
      sessionId,
      kept.map((entry) => (entry.state === 'sending' ? { ...entry, state: 'waiting' } : entry)),
    );
    void deliver(sessionId);
  }
}

export const forgetOutbox = () => outbox.set({ bySession: {} });

async function deliver(sessionId) {
  if (sending.has(sessionId)) return;
  sending.add(sessionId);
  try {
    for (let tries = 0, entry = next(sessionId); entry && connection.get().state === 'live'; entry = next(sessionId)) {
      const wait = await tryOnce(sessionId, entry, tries);
      tries = wait > 0 ? tries + 1 : 0;
      if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    }
  } finally {
    sending.delete(sessionId);
  }
}

const next = (sessionId) => entriesOf(sessionId).find(({ state }) => state !== 'failed');

// Returns how long to wait before the next try, in ms.
async function tryOnce(sessionId, { clientMessageId, content }, tries) {
  patch(sessionId, clientMessageId, { state: 'sending' });
  try {
    const { message } = await command('message:send', { sessionId, content, clientMessageId });
    discard(sessionId, clientMessageId);
    for (const receiver of receivers) receiver(message);
    return 0;
  } catch (error) {
    if (error.code === 'RATE_LIMITED') {
      const waitMs = error.details?.retryAfterMs ?? (error.retryAfterSeconds ?? 3) * 1000;
      cooldown.set({ until: Date.now() + waitMs });
      patch(sessionId, clientMessageId, { state: 'waiting' });
      return waitMs;
    }
    const mayPass = isPassing(error) && tries < BACKOFF_MS.length;
    patch(sessionId, clientMessageId, mayPass ? { state: 'waiting' } : { state: 'failed', problem: error.message });
    return mayPass ? BACKOFF_MS[tries] : 0;
  }
}

onLive('ready', () => {
  for (const sessionId of Object.keys(outbox.get().bySession)) void deliver(sessionId);
});

onLive('session:deleted', ({ sessionId }) => setEntries(sessionId, []));

onForeignChange((key) => {
  for (const sessionId of Object.keys(outbox.get().bySession))
    if (key === keyOf(sessionId))
      outbox.set(({ bySession }) => ({ bySession: { ...bySession, [sessionId]: load(key, []) } }));
});
