import { call, loadUser } from '../common/api.js';
import { keepTokens } from '../common/auth.js';

/** @throws RequestError INVALID_CREDENTIALS, or FORBIDDEN for an account that belongs to no operator */
export async function signInAtDesk(credentials) {
  const { data } = await call('POST', '/api/auth/login', { body: credentials, isPublic: true });
  const { access: accessToken, refresh: refreshToken } = data.tokens;
  keepTokens({ accessToken, refreshToken, expiresIn: lifeOf(accessToken) });
  // Whoever signs in here is here.
  await call('PATCH', '/api/operators/me', { body: { status: 'online' } }).catch(() => {});
  await loadUser();
}

/** How long an access token lives, in seconds; undefined when it does not say so. */
function lifeOf(token) {
  try {
    const { exp, iat } = JSON.parse(atob(token.split('.')[1].replace(/-/g, '+').replace(/_/g, '/')));
    return exp - iat;
  } catch {
    return undefined;
  }
}
