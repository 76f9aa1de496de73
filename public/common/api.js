import { SIGNED_OUT, accessToken, auth, endSignIn, hasTokens, keepFresh, keepTokens, refreshTokens } from './auth.js';
import { RequestError, offlineError } from './errors.js';
import { randomId } from './ids.js';

/**
 * Calls the REST API and returns the parsed body; `null` for an empty one.
 * `key` makes a POST safe to repeat. @throws RequestError
 */
export async function call(method, path, { body, query, key, isPublic = false } = {}) {
  return parse(await send(method, path, { body, query, key, isPublic }));
}

/** Reads one page of a list: its items and the cursor of the next page, or `null`. */
export async function callList(path, query) {
  const response = await send('GET', path, { query });
  return { items: await parse(response), nextCursor: response.headers.get('x-next-cursor') };
}

/** Fetches a document of the signed-in person. @throws RequestError */
export async function fetchFile(path) {
  const response = await send('GET', path, {});
  if (!response.ok) await parse(response);
  return response.blob();
}

async function send(method, path, options, repeated = false) {
  const token = options.isPublic ? null : await accessToken();
  const response = await request(method, path, options, token);
  if (response.status === 401 && token && !repeated) {
    const { code } = await response
      .clone()
      .json()
      .catch(() => ({}));
    if (code === 'SIGN_IN_REVOKED') endSignIn(SIGNED_OUT);
    else {
      await refreshTokens(token);
      return send(method, path, options, true);
    }
  }
  return response;
}

function request(method, path, { body, query, key }, token) {
  const url = new URL(path, location.origin);
  for (const [name, value] of Object.entries(query ?? {}))
    if (value !== undefined && value !== null && value !== '') url.searchParams.set(name, String(value));
  const headers = { accept: 'application/json' };
  if (token) headers.authorization = `Bearer ${token}`;
  if (key) headers['idempotency-key'] = key;
  if (body !== undefined) headers['content-type'] = 'application/json';
  return fetch(url, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) }).catch(() => {
    throw offlineError();
  });
}

async function parse(response) {
  const text = await response.text();
  let body = null;
  try {
    body = text === '' ? null : JSON.parse(text);
  } catch {
    body = null;
  }
  if (response.ok) return body;
  const wait = Number(response.headers.get('retry-after'));
  throw new RequestError({
    code: body?.code ?? 'UNREADABLE',
    message: body?.message ?? `The server answered ${response.status}.`,
    details: body?.details,
    requestId: body?.requestId,
    retryAfterSeconds: body?.retryAfterSeconds ?? (wait > 0 ? wait : undefined),
    status: response.status,
  });
}

/** A key for one POST that must not happen twice. */
export const newKey = () => randomId();

export async function signIn(kind, fields) {
  keepTokens(await call('POST', `/auth/${kind}`, { body: fields, isPublic: true }));
  await loadUser();
}

/** Fills the auth store: asks who the kept tokens belong to. @throws RequestError when the server cannot be asked */
export async function loadUser() {
  if (!hasTokens()) {
    auth.set({ status: 'out', user: null });
    return;
  }
  try {
    auth.set({ status: 'in', user: await call('GET', '/auth/me'), notice: null });
    keepFresh();
  } catch (error) {
    if (error.status !== 401) throw error;
    if (auth.get().status !== 'out') endSignIn('Please sign in again.');
  }
}

/** Ends this sign-in, or every one of the person. The browser forgets it even when the server cannot be told. */
export async function signOut({ everywhere = false } = {}) {
  // Leaves the page's live connection first: the server is about to close it.
  auth.set({ status: 'unknown', notice: null });
  try {
    await call('POST', '/auth/logout', { query: everywhere ? { all: true } : {} });
  } finally {
    endSignIn(everywhere ? 'You are signed out everywhere.' : null, { forgetAll: true });
  }
}
