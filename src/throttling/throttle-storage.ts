import { Injectable } from '@nestjs/common';
import type { ThrottlerStorage } from '@nestjs/throttler';
import { BoundedMap } from '../common/limits/bounded-map.js';
import type { SharedLimits } from '../common/limits/shared-limits.js';

interface Window {
  hits: number;
  endsAt: number;
}

type Hit = Awaited<ReturnType<ThrottlerStorage['increment']>>;

const MOST_KEYS = 100_000;

/**
 * Counts requests in fixed windows, on all nodes together as long as they can. Its own memory, which counts on when they cannot,
 * is bounded; that of the library's storage is not.
 */
@Injectable()
export class ThrottleStorage implements ThrottlerStorage {
  private readonly windows = new BoundedMap<string, Window>(MOST_KEYS);

  constructor(private readonly shared?: SharedLimits) {}

  async increment(key: string, ttl: number, limit: number): Promise<Hit> {
    const here = this.countHere(key, ttl);
    const { hits, endsInMs } = (await this.shared?.hit(`requests:${key}`, ttl)) ?? here;
    const seconds = Math.ceil(endsInMs / 1000);
    return { totalHits: hits, timeToExpire: seconds, isBlocked: hits > limit, timeToBlockExpire: seconds };
  }

  private countHere(key: string, ttl: number): { hits: number; endsInMs: number } {
    const now = performance.now();
    let window = this.windows.get(key);
    if (!window || window.endsAt <= now) {
      window = { hits: 0, endsAt: now + ttl };
      this.windows.dropOldestWhile(({ endsAt }) => endsAt <= now);
      this.windows.set(key, window);
    }
    window.hits++;
    return { hits: window.hits, endsInMs: window.endsAt - now };
  }
}
