import { Injectable } from '@nestjs/common';
import type { ThrottlerStorage } from '@nestjs/throttler';
import { BoundedMap } from '../common/limits/bounded-map.js';

interface Window {
  hits: number;
  endsAt: number;
}

type Hit = Awaited<ReturnType<ThrottlerStorage['increment']>>;

const MOST_KEYS = 100_000;

/** Counts requests in fixed windows, for a bounded number of callers; the library's own storage grows without end. */
@Injectable()
export class ThrottleStorage implements ThrottlerStorage {
  private readonly windows = new BoundedMap<string, Window>(MOST_KEYS);

  increment(key: string, ttl: number, limit: number): Promise<Hit> {
    const now = performance.now();
    let window = this.windows.get(key);
    if (!window || window.endsAt <= now) {
      window = { hits: 0, endsAt: now + ttl };
      this.windows.dropOldestWhile(({ endsAt }) => endsAt <= now);
      this.windows.set(key, window);
    }
    window.hits++;
    const seconds = Math.ceil((window.endsAt - now) / 1000);
    return Promise.resolve({
      totalHits: window.hits,
      timeToExpire: seconds,
      isBlocked: window.hits > limit,
      timeToBlockExpire: seconds,
    });
  }
}
