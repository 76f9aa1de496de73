import { describe, expect, it } from '@jest/globals';
import { AppError } from '../../common/errors/app-error.js';
import { LoginThrottle } from './login-throttle.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

function aThrottle(limitPerMinute = 5) {
  const time = { now: 1_700_000_000_000 };
  const throttle = new LoginThrottle({ limitPerMinute, clock: () => time.now });
  /** Seconds to wait, or null when the guess was looked at. */
  const guess = (email: string, address: string, correct: boolean): number | null => {
    const attempt = throttle.guess(email, address);
    try {
      attempt.begin();
    } catch (error) {
      if (error instanceof AppError && error.code === 'RATE_LIMITED') return error.retryAfterSeconds ?? 0;
      throw error;
    }
    attempt.settle(correct);
    return null;
  };
  return { time, guess };
}

describe('LoginThrottle', () => {
  it('looks at five wrong passwords and then waits a minute, two, four and at most fifteen', () => {
    const { time, guess } = aThrottle();
    for (let i = 0; i < 5; i++) expect(guess('ada', '10.0.0.1', false)).toBeNull();
    for (const seconds of [60, 120, 240, 480, 900, 900]) {
      expect(guess('ada', '10.0.0.1', false)).toBe(seconds);
      time.now += seconds * 1_000;
      expect(guess('ada', '10.0.0.1', false)).toBeNull();
    }
  });

  it('does not look at the right password either while it waits', () => {
    const { guess } = aThrottle();
    for (let i = 0; i < 5; i++) guess('ada', '10.0.0.1', false);
    expect(guess('ada', '10.0.0.1', true)).toBe(60);
  });

  it('starts anew after the right password', () => {
    const { guess } = aThrottle();
    for (let i = 0; i < 4; i++) guess('ada', '10.0.0.1', false);
    expect(guess('ada', '10.0.0.1', true)).toBeNull();
    for (let i = 0; i < 5; i++) expect(guess('ada', '10.0.0.1', false)).toBeNull();
  });

  it('forgets mistakes that are far apart', () => {
    const { time, guess } = aThrottle();
    for (let i = 0; i < 20; i++) {
      expect(guess('ada', '10.0.0.1', false)).toBeNull();
      time.now += 5 * MINUTE;
    }
  });

  it('is not concerned with other accounts or other addresses', () => {
    const { guess } = aThrottle();
    for (let i = 0; i < 5; i++) guess('ada', '10.0.0.1', false);
    expect(guess('bob', '10.0.0.1', false)).toBeNull();
    expect(guess('ada', '10.0.0.2', false)).toBeNull();
  });

  it('looks at no more than 100 wrong passwords an hour of one account, from however many addresses', () => {
    const { time, guess } = aThrottle();
    let looked = 0;
    for (let second = 0; second < 3_600; second++, time.now += 1_000)
      for (let i = 0; i < 5; i++) if (guess('ada', `10.0.${i}.${second % 200}`, false) === null) looked++;
    expect(looked).toBeGreaterThan(20);
    expect(looked).toBeLessThanOrEqual(100);
  });

  it('keeps letting the owner in from a known address while strangers guess from everywhere', () => {
    const { time, guess } = aThrottle();
    expect(guess('ada', 'home', true)).toBeNull();
    for (let second = 0; second < 600; second++, time.now += 1_000) guess('ada', `10.1.${second % 250}.1`, false);
    expect(guess('ada', '10.9.9.9', false)).toBeGreaterThan(0);
    expect(guess('ada', 'home', true)).toBeNull();
  });

  it('still counts at a known address', () => {
    const { time, guess } = aThrottle();
    guess('ada', 'home', true);
    let looked = 0;
    for (let second = 0; second < 3_600; second++, time.now += 1_000)
      if (guess('ada', 'home', false) === null) looked++;
    expect(looked).toBeLessThanOrEqual(20);
  });

  it('slows down one address that tries many accounts', () => {
    const { guess } = aThrottle();
    let looked = 0;
    for (let i = 0; i < 1_000; i++) if (guess(`person ${i}`, '10.0.0.1', false) === null) looked++;
    expect(looked).toBe(100);
  });

  it('tells spellings apart that only look alike when joined', () => {
    const { guess } = aThrottle(1);
    guess('a', 'b', false);
    expect(guess('a","b', '', false)).toBeNull();
  });

  it('forgets the strikes of an hour ago', () => {
    const { time, guess } = aThrottle();
    for (let i = 0; i < 5; i++) guess('ada', '10.0.0.1', false);
    time.now += HOUR;
    for (let i = 0; i < 5; i++) expect(guess('ada', '10.0.0.1', false)).toBeNull();
  });
});
