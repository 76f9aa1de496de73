import { createHash } from 'node:crypto';
import { BoundedMap } from '../../common/limits/bounded-map.js';
import { MAX_LIMITER_KEYS, rateLimited, RateLimiter } from '../../common/limits/rate-limiter.js';
import type { Guess } from './password-hasher.service.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const LONGEST_DELAY = 15 * MINUTE;

/**
 * Failures of one account from all addresses together. A limit of n lets at most 2n through in any hour, so these two stay
 * at 100 (OWASP ASVS 4.0, 2.2.1). Addresses where the account was signed in before have their own share: strangers cannot use it up.
 */
const STRANGERS_PER_HOUR = 40;
const FAMILIAR_PER_HOUR = 10;

/** One address may belong to many people; this only slows down trying many accounts from it. */
const ACCOUNTS_PER_ADDRESS = 20;

interface Strikes {
  count: number;
  lastAt: number;
  blockedUntil: number;
}

export interface LoginThrottleOptions {
  /** Failures per account and address before the growing delays begin. */
  limitPerMinute: number;
  clock?: () => number;
  /** Called for every password that was looked at. */
  onTried?: (tried: TriedPassword) => void;
}

/** What came of one guess; account and pair of account and address are hashed. */
export interface TriedPassword {
  account: string;
  pair: string;
  address: string;
  correct: boolean;
}

/** Slows down guessing of passwords. Counts the same whether the account exists or not. */
export class LoginThrottle {
  private readonly strikes = new BoundedMap<string, Strikes>(MAX_LIMITER_KEYS);
  private readonly familiar = new BoundedMap<string, true>(MAX_LIMITER_KEYS);
  private readonly byStrangers: RateLimiter;
  private readonly byFamiliar: RateLimiter;
  private readonly byAddress: RateLimiter;
  private readonly limit: number;
  private readonly clock: () => number;
  private readonly onTried: (tried: TriedPassword) => void;

  constructor({ limitPerMinute, clock = Date.now, onTried = () => undefined }: LoginThrottleOptions) {
    this.onTried = onTried;
    this.limit = limitPerMinute;
    this.clock = clock;
    const perHour = (limit: number) =>
      new RateLimiter({ limit: Math.max(limit, limitPerMinute), windowMs: HOUR, clock });
    this.byStrangers = perHour(STRANGERS_PER_HOUR);
    this.byFamiliar = perHour(FAMILIAR_PER_HOUR);
    this.byAddress = new RateLimiter({ limit: limitPerMinute * ACCOUNTS_PER_ADDRESS, windowMs: MINUTE, clock });
  }

  /** A try to sign in. Its `begin` throws AppError RATE_LIMITED. */
  guess(email: string, address: string): Guess {
    const account = digest(email);
    const pair = digest(email, address);
    return {
      begin: () => {
        const wait = this.waitFor(account, pair, address);
        if (wait > 0) throw rateLimited(wait);
      },
      settle: (correct) => {
        this.count({ account, pair, address, correct });
        this.onTried({ account, pair, address, correct });
      },
    };
  }

  /** Counts what came of a guess, here or on another node. */
  count({ account, pair, address, correct }: TriedPassword): void {
    if (correct) {
      this.strikes.delete(pair);
      this.familiar.set(pair, true);
      return;
    }
    this.strike(pair);
    this.accountLimiter(pair).take(account);
    this.byAddress.take(address);
  }

  private waitFor(account: string, pair: string, address: string): number {
    const blocked = (this.strikes.get(pair)?.blockedUntil ?? 0) - this.clock();
    return Math.max(blocked, this.accountLimiter(pair).peek(account), this.byAddress.peek(address));
  }

  private accountLimiter(pair: string): RateLimiter {
    return this.familiar.has(pair) ? this.byFamiliar : this.byStrangers;
  }

  private strike(pair: string): void {
    const now = this.clock();
    const before = this.strikes.get(pair);
    // Forgotten after twice the pause that it cost, so that a mistake now and then costs nothing.
    const kept =
      before && now < Math.max(before.lastAt + MINUTE, 2 * before.blockedUntil - before.lastAt) ? before : null;
    const count = (kept?.count ?? 0) + 1;
    const delay = count < this.limit ? 0 : Math.min(MINUTE * 2 ** (count - this.limit), LONGEST_DELAY);
    this.strikes.set(pair, { count, lastAt: now, blockedUntil: now + delay });
  }
}

function digest(...parts: string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url').slice(0, 22);
}
