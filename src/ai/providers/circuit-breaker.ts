import type { AppError } from '../../common/errors/app-error.js';

/** Failures in a row after which nothing is asked any more … */
export const FAILURES_TO_OPEN = 5;
/** … for this long. */
export const OPEN_MS = 30_000;

export type BreakerState = 'closed' | 'open' | 'half-open';

/** The right to make one call, to be given back with its outcome; only the first outcome counts. */
export interface CallPermit {
  /** The answer has begun, or came without any text: who waits for the probe need not wait for its end. */
  succeed(): void;
  /** `opensAtOnce` when trying again is senseless, e.g. after a refused key. */
  fail(error: AppError, opensAtOnce: boolean): void;
  /** The call ended without telling anything about the provider. */
  release(): void;
}

/** Spares a failing provider, and the people who would wait for it: after OPEN_MS one call at a time may probe it. */
export class CircuitBreaker {
  private failuresInARow = 0;
  private openUntil: number | null = null;
  private isProbing = false;
  private last: AppError | null = null;

  /** `now` in milliseconds of a clock that never goes back. */
  constructor(private readonly now: () => number = () => performance.now()) {}

  get state(): BreakerState {
    if (this.openUntil === null) return 'closed';
    return this.now() < this.openUntil ? 'open' : 'half-open';
  }

  get failures(): number {
    return this.failuresInARow;
  }

  get lastError(): AppError | null {
    return this.last;
  }

  /** Until a call may be made again; 0 when it may now. */
  get waitMs(): number {
    if (this.openUntil === null) return 0;
    return Math.max(this.openUntil - this.now(), this.isProbing ? 1000 : 0);
  }

  /** Null when no call may be made now. */
  enter(): CallPermit | null {
    const { state } = this;
    if (state === 'open' || (state === 'half-open' && this.isProbing)) return null;
    const isProbe = state === 'half-open';
    if (isProbe) this.isProbing = true;
    return this.permit(isProbe);
  }

  private permit(isProbe: boolean): CallPermit {
    let isSpent = false;
    const settle = (outcome: () => void) => {
      if (isSpent) return;
      isSpent = true;
      if (isProbe) this.isProbing = false;
      // Calls from before it opened say nothing new.
      if (isProbe || this.openUntil === null) outcome();
    };
    return {
      succeed: () => settle(() => this.close()),
      fail: (error, opensAtOnce) => settle(() => this.count(error, opensAtOnce || isProbe)),
      release: () => settle(() => undefined),
    };
  }

  private close(): void {
    this.failuresInARow = 0;
    this.openUntil = null;
    this.last = null;
  }

  private count(error: AppError, opens: boolean): void {
    this.failuresInARow++;
    this.last = error;
    if (opens || this.failuresInARow >= FAILURES_TO_OPEN) this.openUntil = this.now() + OPEN_MS;
  }
}
