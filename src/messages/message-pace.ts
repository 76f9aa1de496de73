import { Injectable, Optional } from '@nestjs/common';
import { AppError } from '../common/errors/app-error.js';
import { SharedLimits } from '../common/limits/shared-limits.js';
import { AppConfig } from '../config/app-config.js';

interface Admission {
  at: number;
  /** What tells a repetition of the admitted message from another one. */
  key: string;
}

/** People remembered at once; the oldest are forgotten first. */
const MOST_PEOPLE = 100_000;

/** Keeps a person's AI messages `RATE_LIMIT_MS` apart, across every door. A refused message does not move the window. */
@Injectable()
export class MessagePace {
  private readonly latest = new Map<string, Admission>();

  constructor(
    private readonly config: AppConfig,
    @Optional() private readonly shared?: SharedLimits,
  ) {}

  /** The same as `admit`, counted on all nodes together as long as they can. @throws AppError RATE_LIMITED */
  async admitEverywhere(userId: string, key: string): Promise<() => void> {
    const takeBack = this.admit(userId, key);
    const window = this.config.env.RATE_LIMIT_MS;
    if (!this.shared || window === 0) return takeBack;
    const { shared } = this;
    const name = `pace:${userId}`;
    const wait = await shared.claim(name, key, window);
    if (wait !== null && wait > 0) {
      takeBack();
      throw tooSoon(wait);
    }
    return () => {
      takeBack();
      void shared.release(name, key);
    };
  }

  /**
   * Admits the message `key` of a person, or once more if it was the last one admitted (a twin of it).
   * Returns what takes the admission back when the message is not stored after all.
   * @throws AppError RATE_LIMITED with the seconds to wait
   */
  admit(userId: string, key: string, now = performance.now()): () => void {
    const window = this.config.env.RATE_LIMIT_MS;
    const before = this.latest.get(userId);
    if (window === 0 || before?.key === key) return () => undefined;
    const wait = before ? before.at + window - now : 0;
    if (wait > 0) throw tooSoon(wait);
    const admission = { at: now, key };
    this.latest.delete(userId);
    this.latest.set(userId, admission);
    if (this.latest.size > MOST_PEOPLE) this.latest.delete(this.latest.keys().next().value as string);
    return () => {
      if (this.latest.get(userId) !== admission) return;
      if (before) this.latest.set(userId, before);
      else this.latest.delete(userId);
    };
  }
}

function tooSoon(waitMs: number): AppError {
  return new AppError('RATE_LIMITED', {
    message: `Wait ${Math.ceil(waitMs / 1000)} s before the next message.`,
    retryAfterSeconds: Math.ceil(waitMs / 1000),
    details: { retryAfterMs: Math.ceil(waitMs) },
  });
}
