import { ownKey } from '../common/auth.js';
import { isPassing } from '../common/errors.js';
import { randomId } from '../common/ids.js';
import { command, connection, onLive } from '../common/live.js';
import { keysWith, load, onForeignChange, save } from '../common/storage.js';
import { createStore } from '../common/store.js';

// Messages that the server has not confirmed yet. They are kept in the browser's storage, so that neither a reload nor a dead
// connection loses one, and sent in order with the same clientMessageId until the server acknowledges: a repetition does no harm.

const BACKOFF_MS = [1000, 2000, 4000, 8000, 15_000];

/**
 * An outbox of one kind of conversation. `event` is the command that sends, `place` its field for the conversation's id.
 * `entries` holds `{clientMessageId, content, createdAt, state: waiting|sending|failed, problem, …}` by conversation,
 * `cooldown` until when, in ms since the epoch, the server asked to wait.
 */
export function makeOutbox({ name, event, place }) {
  const entries = createStore({ byId: {} });
  const cooldown = createStore({ until: 0 });
  /** Called with each message that the server has confirmed. */
  const receivers = new Set();
  const sending = new Set();
  const keyOf = (id) => ownKey(`${name}.${id}`);
  const entriesOf = (id) => entries.get().byId[id] ?? [];
  const next = (id) => entriesOf(id).find(({ state }) => state !== 'failed');

  function show(id, list) {
    entries.set(({ byId }) => ({ byId: { ...byId, [id]: list } }));
  }

  function setEntries(id, list) {
    show(id, list);
    save(keyOf(id), list.length > 0 ? list : null);
  }

  function patch(id, clientMessageId, change) {
    setEntries(
      id,
      entriesOf(id).map((entry) => (entry.clientMessageId === clientMessageId ? { ...entry, ...change } : entry)),
    );
  }

  /** Takes a message on its way: it is shown at once and sent as soon as that is possible. `more` are further fields of the command. */
  function send(id, content, more = {}) {
    const createdAt = new Date().toISOString();
    const entry = { clientMessageId: randomId(), content, more, createdAt, state: 'waiting', problem: null };
    setEntries(id, [...entriesOf(id), entry]);
    void deliver(id);
  }

  function retry(id, clientMessageId) {
    patch(id, clientMessageId, { state: 'waiting', problem: null });
    void deliver(id);
  }

  function discard(id, clientMessageId) {
    setEntries(
      id,
      entriesOf(id).filter((entry) => entry.clientMessageId !== clientMessageId),
    );
  }

  /** A stored message has come, by whatever way: nothing of it is left to send. */
  function settle(id, { clientMessageId }) {
    if (clientMessageId && entriesOf(id).some((entry) => entry.clientMessageId === clientMessageId))
      discard(id, clientMessageId);
  }

  /** Brings back what an earlier visit left, in whatever conversation, and sends it. */
  function restore() {
    for (const key of keysWith(keyOf(''))) {
      const id = key.slice(keyOf('').length);
      const kept = load(key, []);
      setEntries(
        id,
        kept.map((entry) => (entry.state === 'sending' ? { ...entry, state: 'waiting' } : entry)),
      );
      void deliver(id);
    }
  }

  async function deliver(id) {
    if (sending.has(id)) return;
    sending.add(id);
    try {
      for (let tries = 0, entry = next(id); entry && connection.get().state === 'live'; entry = next(id)) {
        const wait = await tryOnce(id, entry, tries);
        tries = wait > 0 ? tries + 1 : 0;
        if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
      }
    } finally {
      sending.delete(id);
    }
  }

  // Returns how long to wait before the next try, in ms.
  async function tryOnce(id, { clientMessageId, content, more }, tries) {
    patch(id, clientMessageId, { state: 'sending' });
    try {
      const { message } = await command(event, { [place]: id, content, clientMessageId, ...more });
      discard(id, clientMessageId);
      for (const receiver of receivers) receiver(message);
      return 0;
    } catch (error) {
      if (error.code === 'RATE_LIMITED') {
        const waitMs = error.details?.retryAfterMs ?? (error.retryAfterSeconds ?? 3) * 1000;
        cooldown.set({ until: Date.now() + waitMs });
        patch(id, clientMessageId, { state: 'waiting' });
        return waitMs;
      }
      const mayPass = isPassing(error) && tries < BACKOFF_MS.length;
      patch(id, clientMessageId, mayPass ? { state: 'waiting' } : { state: 'failed', problem: error.message });
      return mayPass ? BACKOFF_MS[tries] : 0;
    }
  }

  onLive('ready', () => {
    for (const id of Object.keys(entries.get().byId)) void deliver(id);
  });

  onForeignChange((key) => {
    for (const id of Object.keys(entries.get().byId)) if (key === keyOf(id)) show(id, load(key, []));
  });

  return {
    entries,
    cooldown,
    onStored: (receiver) => receivers.add(receiver),
    send,
    retry,
    discard,
    settle,
    restore,
    drop: (id) => setEntries(id, []),
    forget: () => entries.set({ byId: {} }),
  };
}
