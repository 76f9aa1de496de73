import { beforeEach, describe, expect, it } from '@jest/globals';
import { AppError } from '../../common/errors/app-error.js';
import { OPEN_MS } from './circuit-breaker.js';
import { ProviderBreakers } from './provider-breakers.js';
import { failureOfStatus } from './provider-failure.js';

const target = { provider: 'openai', model: 'm' } as const;
const other = { provider: 'openai', model: 'other' } as const;
const answered = (status: number, body: unknown = {}) => failureOfStatus('openai', status, new Headers(), body);

describe('ProviderBreakers', () => {
  let now: number;
  let breakers: ProviderBreakers;
  const refusalOf = (of: typeof target | typeof other): AppError => {
    try {
      breakers.enter(of).release();
    } catch (error) {
      if (error instanceof AppError) return error;
    }
    throw new Error('it was let through');
  };
  beforeEach(() => {
    now = 0;
    breakers = new ProviderBreakers(() => now);
  });

  it.each([
    [401, {}, 'AI_MISCONFIGURED'],
    [403, {}, 'AI_MISCONFIGURED'],
    [429, { error: { code: 'insufficient_quota' } }, 'AI_QUOTA_EXHAUSTED'],
  ])('spares the whole provider after one %i that needs an operator', (status, body, code) => {
    breakers.enter(target).fail(answered(status, body));
    expect(refusalOf(other)).toMatchObject({ code, retryAfterSeconds: 30 });
    now += OPEN_MS - 5000;
    expect(refusalOf(other).retryAfterSeconds).toBe(5);
    now += 5000;
    breakers.enter(other).succeed();
    expect(breakers.provider('openai').state).toBe('closed');
  });

  it('spares only the model that the provider does not know', () => {
    breakers.enter(target).fail(answered(404));
    expect(refusalOf(target).code).toBe('AI_MISCONFIGURED');
    breakers.enter(other).succeed();
    expect(refusalOf(target).code).toBe('AI_MISCONFIGURED');
    now += OPEN_MS;
    breakers.enter(target).fail(answered(404));
    expect(refusalOf(target).retryAfterSeconds).toBe(30);
    now += OPEN_MS;
    breakers.enter(target).succeed();
    breakers.enter(target).succeed();
  });

  it('may be probed again when the probe only found that its model is unknown', () => {
    breakers.enter(target).fail(answered(401));
    now += OPEN_MS;
    breakers.enter(target).fail(answered(404));
    breakers.enter(other).succeed();
    expect(breakers.provider('openai').state).toBe('closed');
  });

  it('is not opened by requests that were refused for themselves', () => {
    for (let i = 0; i < 10; i++) breakers.enter(target).fail(answered(400));
    for (let i = 0; i < 4; i++) breakers.enter(target).fail(answered(500));
    breakers.enter(target).fail(answered(400));
    breakers.enter(target).fail(answered(500));
    expect(breakers.provider('openai').state).toBe('closed');
  });

  it('says "unavailable" after passing failures', () => {
    for (let i = 0; i < 5; i++) breakers.enter(target).fail(answered(503));
    expect(refusalOf(target)).toMatchObject({ code: 'AI_UNAVAILABLE', retryAfterSeconds: 30 });
    expect(breakers.isOpen(other)).toBe(true);
  });

  it('forgets the oldest of very many wrong models', () => {
    for (let i = 0; i < 300; i++) breakers.enter({ provider: 'openai', model: `m${i}` }).fail(answered(404));
    breakers.enter({ provider: 'openai', model: 'm0' }).release();
    expect(() => breakers.enter({ provider: 'openai', model: 'm299' })).toThrow(AppError);
  });
});
