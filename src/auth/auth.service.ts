import { Injectable } from '@nestjs/common';
import type { Actor } from '../common/actor.js';
import { AppError } from '../common/errors/app-error.js';
import { newId } from '../common/ids.js';
import { RateLimiter } from '../common/limits/rate-limiter.js';
import { AppConfig } from '../config/app-config.js';
import { DomainEventBus } from '../events/domain-event-bus.js';
import type { SignInEnd } from '../events/domain-events.js';
import { UnitOfWork } from '../prisma/unit-of-work.js';
import { AccountsService } from '../users/accounts.service.js';
import { isCommonPassword } from './passwords/common-passwords.js';
import { LoginThrottle } from './passwords/login-throttle.js';
import { PasswordHasher } from './passwords/password-hasher.service.js';
import type { ClientOrigin, TokenPair } from './token-pair.js';
import { SignInsService } from './tokens/sign-ins.service.js';

const HOUR_MS = 60 * 60_000;

export interface Registration {
  /** In its normal spelling, as the DTOs make it. */
  email: string;
  password: string;
  name?: string | null;
  username?: string | null;
}

/** Signing up, in and out with a password. */
@Injectable()
export class AuthService {
  private readonly registrations: RateLimiter;

  constructor(
    private readonly accounts: AccountsService,
    private readonly passwords: PasswordHasher,
    private readonly throttle: LoginThrottle,
    private readonly signIns: SignInsService,
    private readonly unitOfWork: UnitOfWork,
    private readonly events: DomainEventBus,
    config: AppConfig,
  ) {
    this.registrations = new RateLimiter({ limit: config.limits.registrationsPerHour, windowMs: HOUR_MS });
  }

  /** @throws AppError VALIDATION_FAILED for a well-known password, RATE_LIMITED, SERVER_BUSY, EMAIL_TAKEN */
  async register(registration: Registration, origin: ClientOrigin): Promise<TokenPair> {
    const { email, password, name = null, username = null } = registration;
    if (isCommonPassword(password, email)) throw commonPassword();
    this.registrations.enforce(origin.address);
    this.events.publish('limit.taken', { limit: 'registrations', key: origin.address });
    // Before the costly hash; the unique index decides.
    if (await this.accounts.findCredentials(email)) throw new AppError('EMAIL_TAKEN');
    const passwordHash = await this.passwords.hash(password);
    return this.unitOfWork.run(async () => {
      const user = await this.accounts.create({ id: newId(), email, passwordHash, name, username });
      return this.signIns.open(user.id, origin);
    });
  }

  /** Somebody registered from this address on another node. */
  countRegistration(address: string): void {
    this.registrations.take(address);
  }

  /** @throws AppError INVALID_CREDENTIALS - the same, and as late, for an unknown email -, RATE_LIMITED, SERVER_BUSY */
  async login({ email, password }: { email: string; password: string }, origin: ClientOrigin): Promise<TokenPair> {
    const guess = this.throttle.guess(email, origin.address);
    guess.begin();
    const account = await this.accounts.findCredentials(email);
    const kept = account?.isActive ? account.passwordHash : null;
    const { correct, betterHash } = await this.passwords.check(kept, password, guess);
    if (!correct || !account || kept === null) throw new AppError('INVALID_CREDENTIALS');
    if (betterHash !== null) await this.accounts.replacePasswordHash(account.userId, kept, betterHash);
    return this.signIns.open(account.userId, origin);
  }

  /** @throws AppError REFRESH_TOKEN_INVALID, REFRESH_TOKEN_REUSED, SIGN_IN_REVOKED, RATE_LIMITED */
  refresh(refreshToken: string | undefined): Promise<TokenPair> {
    return this.signIns.refresh(refreshToken ?? '');
  }

  /** The hash of a password that somebody else chose for an account. @throws AppError VALIDATION_FAILED for a well-known one, SERVER_BUSY */
  async hashNewPassword(email: string, password: string): Promise<string> {
    if (isCommonPassword(password, email)) throw commonPassword();
    return this.passwords.hash(password);
  }

  /** Ends every sign-in of a person. */
  endSignIns(userId: string, reason: SignInEnd): Promise<void> {
    return this.signIns.endAll(userId, reason);
  }

  /** Ends the actor's sign-in, or all of this person. */
  logout(actor: Actor, everywhere: boolean): Promise<void> {
    return everywhere
      ? this.signIns.endAll(actor.userId, 'logout_all')
      : this.signIns.end(actor.userId, actor.signInId, 'logout');
  }
}

function commonPassword(): AppError {
  const problem = 'password is one of those that everybody tries first';
  return new AppError('VALIDATION_FAILED', {
    message: problem,
    details: [{ field: 'password', problems: [problem] }],
  });
}
