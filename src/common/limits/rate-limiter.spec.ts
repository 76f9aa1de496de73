import { describe, expect, it } from '@jest/globals';
import { AppError } from '../errors/app-error.js';
import { RateLimiter } from './rate-limiter.js';

function aLimiter(limit: number, windowMs: number, maxKeys?: number) {
  const time = { now: 1_000_000 };
  return { time, limiter: new RateLimiter({ limit, windowMs, maxKeys, clock: () => time.now }) };
}

describe('RateLimiter', () => {
  it('lets in the whole limit at once and tells how long the next one has to wait', () => {
    const { limiter } = aLimiter(5, 60_000);
    expect(Array.from({ length: 5 }, () => limiter.take('a'))).toEqual([0, 0, 0, 0, 0]);
    expect(limiter.take('a')).toBe(12_000);
    expect(limiter.take('b')).toBe(0);
  });

  it('lets in one more for each part of the window that has passed', () => {
    const { limiter, time } = aLimiter(5, 60_000);
    for (let i = 0; i < 5; i++) limiter.take('a');
    time.now += 11_999;
    expect(limiter.take('a')).toBe(1);
    time.now += 1;
    expect(limiter.take('a')).toBe(0);
    expect(limiter.take('a')).toBe(12_000);
  });

  it('keeps the shortest time between two when the limit is one, and refused attempts do not move it', () => {
    const { limiter, time } = aLimiter(1, 3_000);
    expect(limiter.take('a')).toBe(0);
    time.now += 2_000;
    expect(limiter.take('a')).toBe(1_000);
    time.now += 1_000;
    expect(limiter.take('a')).toBe(0);
  });

  it('never lets in more than twice the limit within a window, whatever the pace', () => {
    const { limiter, time } = aLimiter(7, 1_000);
    let accepted = 0;
    for (let i = 0; i < 1_000; i++, time.now++) if (limiter.take('a') === 0) accepted++;
    expect(accepted).toBeGreaterThanOrEqual(7);
    expect(accepted).toBeLessThanOrEqual(14);
  });

  it('counts nothing when only asked', () => {
    const { limiter } = aLimiter(1, 1_000);
    expect([limiter.peek('a'), limiter.peek('a'), limiter.take('a'), limiter.peek('a')]).toEqual([0, 0, 0, 1_000]);
  });

  it('forgets a key on demand', () => {
    const { limiter } = aLimiter(1, 1_000);
    limiter.take('a');
    limiter.forget('a');
    expect(limiter.take('a')).toBe(0);
  });

  it('refuses with RATE_LIMITED and whole seconds', () => {
    const { limiter } = aLimiter(1, 2_500);
    limiter.enforce('a');
    const refusal = captured(() => limiter.enforce('a'));
    expect(refusal.code).toBe('RATE_LIMITED');
    expect(refusal.retryAfterSeconds).toBe(3);
  });

  it('remembers no more keys than allowed and drops the oldest first', () => {
    const { limiter } = aLimiter(1, 60_000, 100);
    for (let i = 0; i < 1_000; i++) limiter.take(`key ${i}`);
    expect(limiter.size).toBe(100);
    expect(limiter.peek('key 999')).toBe(60_000);
    expect(limiter.peek('key 0')).toBe(0);
  });

  it('lets go of keys whose window is over', () => {
    const { limiter, time } = aLimiter(1, 1_000);
    for (let i = 0; i < 50; i++) limiter.take(`key ${i}`);
    time.now += 1_000;
    limiter.take('another');
    expect(limiter.size).toBe(1);
  });
});

function captured(work: () => void): AppError {
  try {
    work();
  } catch (error) {
    if (error instanceof AppError) return error;
  }
  throw new Error('nothing was refused');
}
