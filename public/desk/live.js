import { SIGNED_OUT, accessToken, auth, endSignIn, onNewToken, refreshTokens } from '../common/auth.js';
import { createStore } from '../common/store.js';

// The desk's live connection: one JSON object a frame, `{type, data, timestamp}`. It comes back by itself.

/** Between two tries, in ms, with up to half as much again by chance. */
const BACKOFF_MS = [300, 1000, 2000, 4000, 8000];
/** A connection that says nothing for this long is dead, in ms; it is asked at half of it. */
const SILENCE_MS = 40_000;
/** How long the server may take to let us in, in ms. */
const WELCOME_MS = 10_000;
const ENDED = new Set(['signed_out', 'SIGN_IN_REVOKED']);
const LOCKED_OUT_CODE = 4401;
const ROLE_CODE = 4403;
const LOCKED_OUT = new Set(['UNAUTHORIZED', 'TOKEN_EXPIRED', 'INVALID_TOKEN', 'SIGN_IN_REVOKED']);

/** `state`: off | connecting | live | away (trying again). */
export const connection = createStore({ state: 'off' });

const handlers = new Map();
let socket = null;
let isWanted = false;
let tries = 0;
let timer;
let watchdog;
let shownToken = null;
let refusal = null;
/** Up to where the server has told everything; after a cut it goes on from here. */
let cursor = null;

/**
 * Calls `handler(data)` for a frame of the server, and for `ready {isReturn}` after every (re)connect; on a return the server
 * tells what was missed by itself and says `synced {complete}` then.
 */
export function onFrame(type, handler) {
  if (!handlers.has(type)) handlers.set(type, new Set());
  handlers.get(type).add(handler);
  return () => handlers.get(type).delete(handler);
}

export function goLive() {
  if (isWanted) return;
  isWanted = true;
  connection.set({ state: 'connecting' });
  void open();
}

export function goOffline() {
  isWanted = false;
  clearTimeout(timer);
  clearTimeout(watchdog);
  socket?.close();
  socket = null;
  cursor = null;
  connection.set({ state: 'off' });
}

/** Sends a frame if the connection is up; returns whether it is. */
export function sendFrame(type, data = {}) {
  if (connection.get().state !== 'live') return false;
  write(type, data);
  return true;
}

const write = (type, data) => socket.send(JSON.stringify({ type, ...data }));

async function open() {
  clearTimeout(timer);
  let token;
  try {
    token = await accessToken();
    if (refusal && token === shownToken) token = await refreshTokens(token);
  } catch (error) {
    if (error.status !== 401) again();
    return;
  }
  if (!isWanted || socket) return;
  refusal = null;
  shownToken = token;
  const opened = new WebSocket(`${location.origin.replace(/^http/, 'ws')}/ws`);
  socket = opened;
  opened.onopen = () => write('auth', cursor ? { token, since: cursor } : { token });
  opened.onmessage = ({ data }) => socket === opened && receive(data);
  opened.onclose = ({ code, reason }) => {
    if (socket !== opened) return;
    // Other rights are another page.
    if (code === ROLE_CODE) return location.reload();
    if (code === LOCKED_OUT_CODE) refusal = ENDED.has(reason) ? 'SIGN_IN_REVOKED' : 'TOKEN_EXPIRED';
    lost();
  };
  expect(WELCOME_MS);
}

function receive(text) {
  let frame;
  try {
    frame = JSON.parse(text);
  } catch {
    return;
  }
  const { type, data = {} } = frame;
  const isReturn = cursor !== null;
  cursor = frame.cursor ?? data.cursor ?? cursor;
  if (type === 'ping') write('pong', {});
  if (type === 'connection_established') {
    tries = 0;
    connection.set({ state: 'live' });
    tell('ready', { isReturn });
  } else if (type === 'error' && connection.get().state !== 'live') {
    refusal = data?.code ?? null;
    if (refusal === 'VALIDATION_FAILED') cursor = null;
  }
  expect(SILENCE_MS);
  tell(type, data);
}

function tell(type, data) {
  for (const handler of [...(handlers.get(type) ?? [])]) handler(data);
}

// A dead connection is noticed by its silence; half-way there it is asked for a sign of life.
function expect(ms) {
  clearTimeout(watchdog);
  watchdog = setTimeout(() => {
    if (connection.get().state === 'live') write('ping', {});
    watchdog = setTimeout(lost, ms / 2);
  }, ms / 2);
}

function lost() {
  clearTimeout(watchdog);
  const dead = socket;
  socket = null;
  dead?.close();
  if (!isWanted) return;
  if (refusal === 'SIGN_IN_REVOKED') return void endSignIn(SIGNED_OUT);
  if (refusal && !LOCKED_OUT.has(refusal)) refusal = null;
  connection.set({ state: 'away' });
  again();
}

function again() {
  const wait = BACKOFF_MS[Math.min(tries++, BACKOFF_MS.length - 1)];
  clearTimeout(timer);
  timer = setTimeout(() => void open(), wait * (1 + Math.random() / 2));
}

onNewToken((token) => {
  if (token === shownToken || connection.get().state !== 'live') return;
  shownToken = token;
  write('auth', { token });
});

addEventListener('online', () => {
  if (isWanted && !socket && auth.get().status === 'in') void open();
});
