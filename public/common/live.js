import { io } from '/vendor/socket.io.js';
import { SIGNED_OUT, accessToken, auth, endSignIn, onNewToken, refreshTokens } from './auth.js';
import { RequestError, offlineError } from './errors.js';
import { record } from './event-log.js';
import { createStore } from './store.js';

/** How long an answer to a command may take, in ms. */
const ANSWER_MS = 10_000;

/** `state`: off | connecting | live | reconnecting. `latencyMs` is the latest round trip of a command. */
export const connection = createStore({ state: 'off', latencyMs: null, transport: null, problem: null });

const handlers = new Map();
let socket = null;
let retryTimer;
let shownToken = null;
/** Why the server says it will close the connection. */
let closing = null;

/** Calls `handler(payload)` for an event of the server, and for `ready` after every (re)connect. Returns the way to end it. */
export function onLive(event, handler) {
  if (!handlers.has(event)) handlers.set(event, new Set());
  handlers.get(event).add(handler);
  return () => handlers.get(event).delete(handler);
}

/** Opens the connection and keeps it open until `goOffline`. */
export function goLive() {
  if (socket) return;
  connection.set({ state: 'connecting', problem: null });
  socket = io('/chat', {
    transports: ['websocket', 'polling'],
    tryAllTransports: true,
    reconnectionDelay: 500,
    reconnectionDelayMax: 5000,
    auth: (give) => void giveToken(give),
  });
  socket.on('connected', (welcome) => {
    connection.set({ state: 'live', problem: null, transport: socket.io.engine?.transport?.name ?? null });
    tell('ready', welcome);
  });
  socket.on('disconnect', onDisconnect);
  socket.on('connect_error', onRefused);
  socket.onAny((event, payload) => {
    record('in', event, payload);
    if (event === 'closing') closing = payload?.reason;
    tell(event, payload);
  });
}

export function goOffline() {
  clearTimeout(retryTimer);
  socket?.disconnect();
  socket = null;
  connection.set({ state: 'off', latencyMs: null, transport: null, problem: null });
}

/** Sends a command and resolves to its answer. @throws RequestError also when the connection is down */
export async function command(event, payload) {
  if (!socket?.connected) throw offlineError();
  const startedAt = performance.now();
  record('out', event, payload);
  let answer;
  try {
    answer = await socket.timeout(ANSWER_MS).emitWithAck(event, payload);
  } catch {
    throw new RequestError({ code: 'NO_ANSWER', message: 'The server did not answer in time.' });
  }
  const latencyMs = Math.round(performance.now() - startedAt);
  connection.set({ latencyMs });
  record('ack', event, answer);
  if (answer?.ok) return answer;
  throw new RequestError({ code: 'UNREADABLE', message: 'The server refused this.', ...answer?.error });
}

/** Sends what may get lost, such as "is typing". */
export function hint(event, payload) {
  if (!socket?.connected) return;
  record('out', event, payload);
  socket.volatile.emit(event, payload);
}

function tell(event, payload) {
  for (const handler of [...(handlers.get(event) ?? [])]) handler(payload);
}

async function giveToken(give) {
  try {
    shownToken = await accessToken();
    give({ token: shownToken });
  } catch (error) {
    // Without a token there is nothing to say; the next try asks again.
    connection.set({ problem: error.message });
    if (auth.get().status !== 'out') retryTimer = setTimeout(() => reconnect(), 3000);
  }
}

function onDisconnect(reason) {
  record('note', 'disconnect', { reason });
  connection.set({ state: socket ? 'reconnecting' : 'off', latencyMs: null });
  if (!socket || reason !== 'io server disconnect') return;
  // The server ended it on purpose; Socket.IO does not come back from that by itself.
  const why = closing;
  closing = null;
  if (why === 'signed_out') endSignIn(SIGNED_OUT);
  else
    retryTimer = setTimeout(() => void comeBack({ isTokenStale: why === 'token_expired' }), 300 + Math.random() * 700);
}

function onRefused(error) {
  const code = error.data?.code;
  record('note', 'connect_error', { code, message: error.message });
  connection.set({ state: 'reconnecting', problem: error.data?.message ?? null });
  if (!socket || socket.active) return;
  if (code === 'SIGN_IN_REVOKED') endSignIn(SIGNED_OUT);
  else if (code === 'TOKEN_EXPIRED' || code === 'UNAUTHORIZED') void comeBack({ isTokenStale: true });
  else retryTimer = setTimeout(() => reconnect(), 3000 + Math.random() * 2000);
}

async function comeBack({ isTokenStale }) {
  try {
    const token = await accessToken();
    if (isTokenStale && token === shownToken) await refreshTokens(token);
    reconnect();
  } catch (error) {
    if (error.status !== 401) retryTimer = setTimeout(() => void comeBack({ isTokenStale }), 3000);
  }
}

function reconnect() {
  if (!socket) return;
  if (socket.active) socket.disconnect();
  socket.connect();
}

onNewToken((token) => {
  if (!socket?.connected || token === shownToken) return;
  shownToken = token;
  command('auth:refresh', { token }).catch((error) => record('note', 'auth:refresh failed', { code: error.code }));
});

addEventListener('online', () => {
  if (socket && !socket.connected) reconnect();
});
