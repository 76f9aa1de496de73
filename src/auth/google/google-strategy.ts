import { Strategy, type Profile } from 'passport-google-oauth20';
import type { StartedSignIn } from './oauth-states.repository.js';

/** What the strategy is told about, and finds out in, one attempt; it takes the place of the HTTP request. */
export interface Attempt {
  query: { code?: string; state?: string };
  /** While it begins. */
  state?: string;
  nonce?: string;
  codeVerifier?: string;
  /** While it ends. */
  started?: StartedSignIn;
  idToken?: string;
}

export interface GoogleEndpoints {
  clientID: string;
  clientSecret: string;
  callbackURL: string;
  authorizationURL: string;
  tokenURL: string;
  userProfileURL: string;
}

type Stored = (error: Error | null, state?: string) => void;
type Loaded = (error: Error | null, verifier: string | false, info?: unknown) => void;
type Verified = (error: unknown, profile?: Profile) => void;

export type Outcome = { redirect: string } | { profile: Profile };

/**
 * The OAuth 2.0 code flow with PKCE (S256), without Passport's process-wide registry and without its session: the state lives
 * where the caller keeps it.
 */
export class GoogleStrategy extends Strategy {
  constructor(endpoints: GoogleEndpoints) {
    const options = {
      ...endpoints,
      scope: ['openid', 'email', 'profile'],
      pkce: true,
      store: stateStore,
      passReqToCallback: true as const,
    };
    // The library looks at the number of parameters: six get the token answer too, which holds the id token.
    super(options as never, verify as never);
  }

  /** Begins an attempt (no code) or ends it. @throws what went wrong at the provider or on the way */
  run(attempt: Attempt): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      const strategy = Object.create(this) as {
        success(profile: Profile): void;
        fail(info: unknown): void;
        error(error: unknown): void;
        redirect(url: string): void;
        authenticate(attempt: Attempt, options: { nonce?: string }): void;
      };
      strategy.success = (profile) => resolve({ profile });
      strategy.redirect = (redirect) => resolve({ redirect });
      strategy.error = reject;
      strategy.fail = (info) => reject(new Error(`refused: ${JSON.stringify(info)}`));
      strategy.authenticate(attempt, { nonce: attempt.nonce });
    });
  }

  override authorizationParams(options: { nonce?: string }): object {
    return { ...super.authorizationParams(options), nonce: options.nonce };
  }
}

const stateStore = {
  store(attempt: Attempt, verifier: string, _state: unknown, _meta: unknown, stored: Stored): void {
    attempt.codeVerifier = verifier;
    stored(null, attempt.state);
  },
  verify(attempt: Attempt, _state: unknown, _meta: unknown, loaded: Loaded): void {
    loaded(null, attempt.started?.codeVerifier ?? false);
  },
};

function verify(
  attempt: Attempt,
  _accessToken: string,
  _refreshToken: string,
  answer: { id_token?: unknown },
  profile: Profile,
  verified: Verified,
): void {
  if (typeof answer.id_token === 'string') attempt.idToken = answer.id_token;
  verified(null, profile);
}
