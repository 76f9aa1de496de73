import { hint, onLive } from '../common/live.js';
import { createStore } from '../common/store.js';

/** Renewed at most this often, in ms; the receiver lets it fall after twice as long. */
const RENEW_MS = 2000;

/** Sessions in which the same person is typing on another device. */
export const typing = createStore({ elsewhere: {} });

const falls = new Map();

/** Tells others that somebody types here, no oftener than needed. `payloadOf(id, isOn)` is what `typing` carries. */
function makeTeller(payloadOf) {
  let told = { id: null, at: 0 };
  let pause;
  const stop = (id) => {
    clearTimeout(pause);
    if (told.id !== id) return;
    told = { id: null, at: 0 };
    hint('typing', payloadOf(id, false));
  };
  const type = (id) => {
    clearTimeout(pause);
    pause = setTimeout(() => stop(id), RENEW_MS * 1.5);
    if (told.id === id && Date.now() - told.at < RENEW_MS) return;
    told = { id, at: Date.now() };
    hint('typing', payloadOf(id, true));
  };
  return { type, stop };
}

export const sessionTeller = makeTeller((sessionId, isOn) => ({ sessionId, typing: isOn }));
export const roomTeller = makeTeller((chatRoomId, isTyping) => ({ chatRoomId, isTyping }));

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
