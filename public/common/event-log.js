import { createStore } from './store.js';

/** The newest entries that are kept. */
const LIMIT = 500;

/** What went over the live connection, oldest first. While paused, nothing is added. */
export const eventLog = createStore({ entries: [], paused: false });

let number = 0;

/** @param {'in'|'out'|'ack'|'note'} direction */
export function record(direction, event, payload) {
  if (eventLog.get().paused) return;
  const entry = { number: ++number, at: new Date(), direction, event, payload: withoutTokens(payload) };
  eventLog.set(({ entries }) => ({ entries: [...entries.slice(-LIMIT + 1), entry] }));
}

export const clearLog = () => eventLog.set({ entries: [] });
export const pauseLog = (paused) => eventLog.set({ paused });

/** The entries as text, one JSON document a line. */
export function logAsText(entries) {
  return entries
    .map(({ at, direction, event, payload }) => JSON.stringify({ time: at.toISOString(), direction, event, payload }))
    .join('\n');
}

// The log is made to be copied into bug reports.
function withoutTokens(payload) {
  if (!payload || typeof payload !== 'object' || !('token' in payload)) return payload;
  return { ...payload, token: '…' };
}
