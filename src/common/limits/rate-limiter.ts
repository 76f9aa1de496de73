import { AppError } from '../errors/app-error.js';
import { BoundedMap } from './bounded-map.js';

/** Keys that one limiter remembers at the most. */
export const MAX_LIMITER_KEYS = 100_000;

export interface RateLimiterOptions {
  /** How many at once, and per window in the long run. */
  limit: number;
  windowMs: number;
  maxKeys?: number;
  /** Milliseconds; monotonic enough to measure a window. */
  clock?: () => number;
}

/**
 * An in-memory limit per key: the generic cell rate algorithm (a token bucket kept as one number per key). A refused attempt
 * does not move the window; `limit: 1` is the shortest time between two.
 */
export class RateLimiter {
  /** When the bucket of a key is full again. */
  private readonly fullAt: BoundedMap<string, number>;
  private readonly spacing: number;
  private readonly windowMs: number;
  private readonly clock: () => number;

  constructor(options: RateLimiterOptions) {
    this.windowMs = options.windowMs;
    this.spacing = options.windowMs / options.limit;
    this.clock = options.clock ?? Date.now;
    this.fullAt = new BoundedMap(options.maxKeys ?? MAX_LIMITER_KEYS);
  }

  get size(): number {
    return this.fullAt.size;
  }

  /** Milliseconds until the next one would be let in; 0 for now. Counts nothing. */
  peek(key: string): number {
    const now = this.clock();
    return this.waitFor(this.nextFullAt(key, now), now);
  }

  /** Counts one. @returns 0 when it is let in, else the milliseconds to wait */
  take(key: string): number {
    const now = this.clock();
    const next = this.nextFullAt(key, now);
    const wait = this.waitFor(next, now);
    if (wait > 0) return wait;
    this.fullAt.dropOldestWhile((fullAt) => fullAt <= now);
    this.fullAt.set(key, next);
    return 0;
  }

  /** Counts one. @throws AppError RATE_LIMITED */
  enforce(key: string): void {
    const wait = this.take(key);
    if (wait > 0) throw rateLimited(wait);
  }

  forget(key: string): void {
    this.fullAt.delete(key);
  }

  private nextFullAt(key: string, now: number): number {
    return Math.max(this.fullAt.get(key) ?? 0, now) + this.spacing;
  }

  private waitFor(nextFullAt: number, now: number): number {
    // Rounded to a microsecond: sums of fractions must not cost the last one of a window.
    return Math.max(0, Math.round((nextFullAt - now - this.windowMs) * 1_000) / 1_000);
  }
}

/** The refusal that says when to come again. */
export function rateLimited(waitMs: number): AppError {
  return new AppError('RATE_LIMITED', { retryAfterSeconds: Math.max(1, Math.ceil(waitMs / 1_000)) });
}
