import { hint, onLive } from '../common/live.js';
import { createStore } from '../common/store.js';

/** Renewed at most this often, in ms; the receiver lets it fall after twice as long. */
const RENEW_MS = 2000;

/** Sessions in which the same person is typing on another device. */
export const typing = createStore({ elsewhere: {} });

const falls = new Map();
let told = { sessionId: null, at: 0 };
let pause;

/** Tells the other devices that somebody types here. */
export function tellTyping(sessionId) {
  clearTimeout(pause);
  pause = setTimeout(() => tellStopped(sessionId), RENEW_MS * 1.5);
  if (told.sessionId === sessionId && Date.now() - told.at < RENEW_MS) return;
  told = { sessionId, at: Date.now() };
  hint('typing', { sessionId, typing: true });
}

export function tellStopped(sessionId) {
  clearTimeout(pause);
  if (told.sessionId !== sessionId) return;
  told = { sessionId: null, at: 0 };
  hint('typing', { sessionId, typing: false });
}

const set = (sessionId, on) => typing.set(({ elsewhere }) => ({ elsewhere: { ...elsewhere, [sessionId]: on } }));

onLive('typing', ({ sessionId, typing: on }) => {
  clearTimeout(falls.get(sessionId));
  set(sessionId, on);
  if (on)
    falls.set(
      sessionId,
      setTimeout(() => set(sessionId, false), RENEW_MS * 2),
    );
});
