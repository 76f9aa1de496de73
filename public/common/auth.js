import { RequestError, offlineError } from './errors.js';
import { createStore } from './store.js';
import { load, onForeignChange, removeAll, save } from './storage.js';

// The tokens of the signed-in person are shared by all tabs of this browser through the storage. Only one tab at a time
// exchanges the refresh token; the others wait for it and take what it got. Keys `parley.of.<user>.…` hold what is one person's.

const KEY = 'parley.tokens';
const LOCK = 'parley.refresh';
/** Tokens are renewed this long before they end, in ms; short-lived ones after three quarters of their life. */
const MARGIN_MS = 60_000;
/** Between two tries while the server cannot be reached, in ms. */
const RETRY_MS = 5000;
const marginOf = ({ lifeMs }) => Math.min(MARGIN_MS, lifeMs / 4);

/** `status`: unknown (at start) | out | in. `notice` tells why a sign-in ended. */
export const auth = createStore({ status: 'unknown', user: null, notice: null });

export const SIGNED_OUT = 'You have been signed out.';

const watchers = new Set();
let refreshing = null;
let renewal;

/** Calls `listener(accessToken)` whenever this or another tab got a new access token. */
export function onNewToken(listener) {
  watchers.add(listener);
  return () => watchers.delete(listener);
}

export function hasTokens() {
  return load(KEY) !== null;
}

/** Keeps a token answer of the server. */
export function keepTokens({ accessToken, refreshToken, expiresIn }) {
  const lifeMs = (Number(expiresIn) || 900) * 1000;
  save(KEY, { accessToken, refreshToken, expiresAt: Date.now() + lifeMs, lifeMs });
  announce();
}

/** Takes tokens (or a refusal) that a sign-in elsewhere left in the URL fragment, and cleans the address. */
export function takeTokensFromAddress() {
  const given = new URLSearchParams(location.hash.replace(/^#/, ''));
  const pick = (...names) => names.map((name) => given.get(name)).find(Boolean);
  const accessToken = pick('accessToken', 'access_token');
  const refreshToken = pick('refreshToken', 'refresh_token');
  const failure = pick('error', 'code');
  if (!accessToken && !failure) return;
  history.replaceState(null, '', location.pathname + location.search);
  if (accessToken && refreshToken)
    keepTokens({ accessToken, refreshToken, expiresIn: pick('expiresIn', 'expires_in') });
  else auth.set({ notice: pick('message', 'error_description') ?? 'Signing in with Google failed.' });
}

/** An access token that is good for a while yet. @throws RequestError when there is none to be had */
export async function accessToken() {
  const tokens = load(KEY);
  if (!tokens) throw new RequestError({ code: 'UNAUTHORIZED', message: 'Sign in first.', status: 401 });
  if (tokens.expiresAt - Date.now() > marginOf(tokens)) return tokens.accessToken;
  return refreshTokens(tokens.accessToken);
}

/** Exchanges the refresh token unless somebody has replaced `stale` already. Resolves to the new access token. */
export function refreshTokens(stale) {
  refreshing ??= withLock(() => exchange(stale)).finally(() => (refreshing = null));
  return refreshing;
}

async function exchange(stale) {
  const tokens = load(KEY);
  if (!tokens) throw new RequestError({ code: 'UNAUTHORIZED', message: 'Sign in first.', status: 401 });
  if (tokens.accessToken !== stale) return tokens.accessToken;
  const response = await fetch('/auth/refresh', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ refreshToken: tokens.refreshToken }),
  }).catch(() => {
    throw offlineError();
  });
  const answer = await response.json().catch(() => ({}));
  if (response.ok) {
    keepTokens(answer);
    return answer.accessToken;
  }
  const error = new RequestError({
    code: 'INTERNAL',
    message: 'Renewing the sign-in failed.',
    ...answer,
    status: response.status,
  });
  if (response.status === 401 && load(KEY)?.refreshToken === tokens.refreshToken)
    endSignIn('Your sign-in has ended. Please sign in again.');
  throw error;
}

function withLock(work) {
  // Without the Web Locks API (pages without TLS) the server's grace for the immediate parent token settles the race.
  return navigator.locks ? navigator.locks.request(LOCK, work) : work();
}

/** Forgets the tokens, in every tab. `forgetAll` also drops drafts and unsent messages; they outlive an end that nobody asked for. */
export function endSignIn(notice = null, { forgetAll = false } = {}) {
  clearTimeout(renewal);
  save(KEY, null);
  if (forgetAll) removeAll('parley.of.');
  auth.set({ status: 'out', user: null, notice });
}

/** Renews the kept tokens in time, as long as this page lives. */
export function keepFresh() {
  const tokens = load(KEY);
  if (!tokens) return;
  clearTimeout(renewal);
  // A little randomness, so that the tabs do not all wake up for the same work.
  const margin = marginOf(tokens);
  const wait = tokens.expiresAt - Date.now() - margin + Math.random() * (margin / 2);
  renewal = setTimeout(
    () => void accessToken().catch(() => (renewal = setTimeout(keepFresh, RETRY_MS))),
    Math.max(wait, 1000),
  );
}

function announce() {
  const tokens = load(KEY);
  if (!tokens) return;
  keepFresh();
  for (const watcher of watchers) watcher(tokens.accessToken);
}

onForeignChange((key) => {
  if (key !== KEY && key !== null) return;
  if (hasTokens()) {
    announce();
    if (auth.get().status === 'out') location.reload();
  } else if (auth.get().status === 'in') endSignIn(SIGNED_OUT);
});

// A laptop that slept has missed its timer.
document.addEventListener('visibilitychange', () => {
  if (!document.hidden && hasTokens()) void accessToken().catch(() => {});
});

/** The storage key of something that belongs to the signed-in person. */
export const ownKey = (name) => `parley.of.${auth.get().user?.id}.${name}`;
