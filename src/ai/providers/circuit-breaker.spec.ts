import { beforeEach, describe, expect, it } from '@jest/globals';
import { AppError } from '../../common/errors/app-error.js';
import { CircuitBreaker, FAILURES_TO_OPEN, OPEN_MS } from './circuit-breaker.js';

const failure = new AppError('AI_UNAVAILABLE');

describe('CircuitBreaker', () => {
  let now: number;
  let breaker: CircuitBreaker;
  const fail = (times: number) => {
    for (let i = 0; i < times; i++) breaker.enter()!.fail(failure, false);
  };
  beforeEach(() => {
    now = 1000;
    breaker = new CircuitBreaker(() => now);
  });

  it('opens after five failures in a row and refuses for 30 seconds', () => {
    fail(FAILURES_TO_OPEN - 1);
    expect(breaker.state).toBe('closed');
    fail(1);
    expect(breaker.state).toBe('open');
    expect(breaker.enter()).toBeNull();
    expect(breaker.waitMs).toBe(OPEN_MS);
    now += OPEN_MS - 1;
    expect(breaker.enter()).toBeNull();
    now += 1;
    expect(breaker.state).toBe('half-open');
    expect(breaker.enter()).not.toBeNull();
  });

  it('forgets failures after a success', () => {
    fail(FAILURES_TO_OPEN - 1);
    breaker.enter()!.succeed();
    fail(FAILURES_TO_OPEN - 1);
    expect(breaker.state).toBe('closed');
  });

  it('opens at once when told that trying again is senseless', () => {
    breaker.enter()!.fail(failure, true);
    expect(breaker.state).toBe('open');
    expect(breaker.lastError).toBe(failure);
  });

  it('lets one probe through, and closes when it succeeds', () => {
    fail(FAILURES_TO_OPEN);
    now += OPEN_MS;
    const probe = breaker.enter();
    expect(breaker.enter()).toBeNull();
    probe!.succeed();
    expect(breaker.state).toBe('closed');
    expect(breaker.failures).toBe(0);
  });

  it('closes as soon as the probe begins to answer, whatever comes of it later', () => {
    fail(FAILURES_TO_OPEN);
    now += OPEN_MS;
    const probe = breaker.enter()!;
    probe.succeed();
    expect(breaker.enter()).not.toBeNull();
    probe.fail(failure, true);
    expect(breaker.state).toBe('closed');
  });

  it('opens again when the probe fails', () => {
    fail(FAILURES_TO_OPEN);
    now += OPEN_MS;
    breaker.enter()!.fail(failure, false);
    expect(breaker.state).toBe('open');
    now += OPEN_MS;
    expect(breaker.state).toBe('half-open');
  });

  it('lets another probe through when one ended without telling anything', () => {
    fail(FAILURES_TO_OPEN);
    now += OPEN_MS;
    breaker.enter()!.release();
    expect(breaker.enter()).not.toBeNull();
  });

  it('does not listen to calls that began before it opened', () => {
    const early = breaker.enter()!;
    const another = breaker.enter()!;
    fail(FAILURES_TO_OPEN);
    now += OPEN_MS / 2;
    early.fail(failure, true);
    another.succeed();
    expect(breaker.state).toBe('open');
    expect(breaker.waitMs).toBe(OPEN_MS / 2);
  });

  it('counts only the first outcome of a call', () => {
    const call = breaker.enter()!;
    for (let i = 0; i < FAILURES_TO_OPEN; i++) call.fail(failure, false);
    expect(breaker.failures).toBe(1);
  });
});
