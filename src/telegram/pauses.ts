import { setTimeout as sleep } from 'node:timers/promises';

/** Waits, or returns at once when `signal` is aborted. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}

/** Doubles from `firstMs` to `mostMs`, with some spread so that nodes do not knock together. */
export function growingPause(tries: number, firstMs: number, mostMs: number): number {
  const most = Math.min(mostMs, firstMs * 2 ** Math.min(tries, 20));
  return most / 2 + (Math.random() * most) / 2;
}
