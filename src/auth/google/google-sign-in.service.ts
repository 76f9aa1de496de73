import { Injectable, Logger } from '@nestjs/common';
import { AppError } from '../../common/errors/app-error.js';
import { AppConfig } from '../../config/app-config.js';
import type { ClientOrigin } from '../token-pair.js';
import { hashOfToken, isOpaqueToken, newOpaqueToken } from '../tokens/opaque-token.js';
import { DatabaseClock } from '../../prisma/database-clock.js';
import { SignInsService } from '../tokens/sign-ins.service.js';
import { GoogleAccountsService, oauthFailed } from './google-accounts.service.js';
import { failureAddress, tokensAddress, type AnswerMode } from './google-answer.js';
import { assertIdToken, readIdentity, type GoogleIdentity } from './google-identity.js';
import { GoogleStrategy, type Attempt, type Outcome } from './google-strategy.js';
import { OauthStatesRepository, type StartedSignIn } from './oauth-states.repository.js';

/** How long somebody may take at the provider. */
export const STATE_LIFE_S = 600;

/** The library's own calls wait for ever. */
const PROVIDER_TIMEOUT_MS = 15_000;

export interface GoogleAnswer {
  code?: unknown;
  state?: unknown;
  error?: unknown;
}

/** Signing in with Google. */
@Injectable()
export class GoogleSignInService {
  private readonly logger = new Logger(GoogleSignInService.name);
  private readonly strategy: GoogleStrategy | null;

  constructor(
    private readonly states: OauthStatesRepository,
    private readonly accounts: GoogleAccountsService,
    private readonly signIns: SignInsService,
    private readonly config: AppConfig,
    private readonly clock: DatabaseClock,
  ) {
    const { GOOGLE_CLIENT_ID, GOOGLE_CLIENT_SECRET, ...env } = config.env;
    this.strategy =
      GOOGLE_CLIENT_ID && GOOGLE_CLIENT_SECRET
        ? new GoogleStrategy({
            clientID: GOOGLE_CLIENT_ID,
            clientSecret: GOOGLE_CLIENT_SECRET,
            callbackURL: env.GOOGLE_CALLBACK_URL ?? `${config.publicUrl}/auth/google/callback`,
            authorizationURL: env.GOOGLE_AUTHORIZATION_URL,
            tokenURL: env.GOOGLE_TOKEN_URL,
            userProfileURL: env.GOOGLE_USERINFO_URL,
          })
        : null;
  }

  /** Where to send the browser, and the secret that ties the answer to it. @throws AppError GOOGLE_NOT_CONFIGURED */
  async begin(mode?: AnswerMode): Promise<{ location: string; browserSecret: string }> {
    const answerMode = mode ?? this.config.env.GOOGLE_REDIRECT_MODE;
    const browserSecret = newOpaqueToken();
    const attempt: Attempt = { query: {}, state: newOpaqueToken(), nonce: newOpaqueToken() };
    const outcome = await this.configured().run(attempt);
    const { state, nonce, codeVerifier } = attempt;
    if (!('redirect' in outcome) || !state || !nonce || !codeVerifier) throw new AppError('OAUTH_FAILED');
    await this.states.add(stateHash(state, browserSecret), { codeVerifier, nonce, answerMode }, STATE_LIFE_S);
    return { location: outcome.redirect, browserSecret };
  }

  /**
   * The page to go on with, with the tokens; after a failure a person is sent there with the reason.
   * @throws AppError GOOGLE_NOT_CONFIGURED, OAUTH_FAILED whatever the provider did
   */
  async finish(
    answer: GoogleAnswer,
    browserSecret: string | undefined,
    origin: ClientOrigin,
    isPerson: boolean,
  ): Promise<string> {
    try {
      return await this.complete(this.configured(), answer, browserSecret, origin);
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'OAUTH_FAILED') throw error;
      // The real reason is for the log only: what a provider says may be anything.
      this.logger.log({ msg: 'Signing in with Google failed', reason: String(error.cause).slice(0, 300) });
      if (!isPerson) throw error;
      return failureAddress(this.page, this.config.env.GOOGLE_REDIRECT_MODE, error.code);
    }
  }

  private get page(): string {
    return this.config.env.GOOGLE_REDIRECT_URL ?? `${this.config.publicUrl}/`;
  }

  private configured(): GoogleStrategy {
    if (!this.strategy) throw new AppError('GOOGLE_NOT_CONFIGURED');
    return this.strategy;
  }

  private async complete(
    strategy: GoogleStrategy,
    answer: GoogleAnswer,
    browserSecret: string | undefined,
    origin: ClientOrigin,
  ): Promise<string> {
    const started = await this.takeState(answer.state, browserSecret);
    if (!started) throw oauthFailed('no such attempt in this browser');
    if (typeof answer.code !== 'string') throw oauthFailed(`the provider answered ${String(answer.error)}`);
    const identity = await this.identify(strategy, answer.code, started).catch((error: unknown) => {
      throw oauthFailed(error);
    });
    const userId = await this.accounts.resolve(identity);
    return tokensAddress(this.page, started.answerMode, await this.signIns.open(userId, origin));
  }

  private async takeState(state: unknown, browserSecret: string | undefined): Promise<StartedSignIn | null> {
    if (!isOpaqueToken(state) || !isOpaqueToken(browserSecret)) return null;
    return this.states.take(stateHash(state, browserSecret));
  }

  private async identify(strategy: GoogleStrategy, code: string, started: StartedSignIn): Promise<GoogleIdentity> {
    const attempt: Attempt = { query: { code }, started };
    const outcome = await withinTime(strategy.run(attempt));
    if (!('profile' in outcome)) throw new Error('the code was not used');
    const identity = readIdentity(outcome.profile);
    const { GOOGLE_CLIENT_ID: clientId = '', GOOGLE_AUTHORIZATION_URL: authorizationUrl } = this.config.env;
    if (attempt.idToken !== undefined)
      assertIdToken(
        attempt.idToken,
        { clientId, authorizationUrl, nonce: started.nonce, subject: identity.subject },
        this.clock.now(),
      );
    return identity;
  }
}

/** One value that only the browser which began can bring about: it needs what the provider sends and what the cookie holds. */
const stateHash = (state: string, browserSecret: string) => hashOfToken(`${state}.${browserSecret}`);

function withinTime(outcome: Promise<Outcome>): Promise<Outcome> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error('the provider did not answer in time')), PROVIDER_TIMEOUT_MS);
  return Promise.race([outcome, late.promise]).finally(() => clearTimeout(timer));
}
