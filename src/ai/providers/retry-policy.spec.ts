import { describe, expect, it } from '@jest/globals';
import { AppError } from '../../common/errors/app-error.js';
import type { ErrorCode } from '../../common/errors/error-catalogue.js';
import { failureOfStatus, retryAfterSeconds } from './provider-failure.js';
import { isWorthAnotherModel, retryWaitMs } from './retry-policy.js';

const wait = (code: ErrorCode, failures: number, retryAfter?: number) =>
  retryWaitMs(new AppError(code, { retryAfterSeconds: retryAfter }), failures, () => 0);

describe('retryWaitMs', () => {
  it.each(['AI_UNAVAILABLE', 'AI_OVERLOADED', 'AI_INTERRUPTED'] as const)(
    'retries %s twice, later the second time',
    (code) => {
      expect([wait(code, 1), wait(code, 2), wait(code, 3)]).toEqual([250, 500, null]);
    },
  );

  it('retries a timeout once', () => {
    expect([wait('AI_TIMEOUT', 1), wait('AI_TIMEOUT', 2)]).toEqual([250, null]);
  });

  it.each([
    'AI_MISCONFIGURED',
    'AI_QUOTA_EXHAUSTED',
    'AI_BAD_RESPONSE',
    'AI_CONTENT_FILTERED',
    'AI_REQUEST_REFUSED',
    'AI_CONTEXT_TOO_LONG',
    'PROVIDER_UNKNOWN',
  ] as const)('never retries %s', (code) => expect(wait(code, 1)).toBeNull());

  it('never waits less than it was asked to, and gives up when that is more than a minute', () => {
    expect(wait('AI_OVERLOADED', 1, 3)).toBe(3000);
    expect(wait('AI_OVERLOADED', 1, 60)).toBe(60_000);
    expect(wait('AI_OVERLOADED', 1, 61)).toBeNull();
    const waits = Array.from({ length: 100 }, () =>
      retryWaitMs(new AppError('AI_OVERLOADED', { retryAfterSeconds: 2 }), 1)!,
    );
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(2000);
    expect(Math.max(...waits)).toBeLessThanOrEqual(2250);
    expect(new Set(waits).size).toBeGreaterThan(10);
  });
});

describe('isWorthAnotherModel', () => {
  it('tries another model for everything but the fault of the request itself', () => {
    expect(
      (['AI_UNAVAILABLE', 'AI_TIMEOUT', 'AI_MISCONFIGURED', 'AI_QUOTA_EXHAUSTED', 'AI_CONTEXT_TOO_LONG'] as const).map(
        (code) => isWorthAnotherModel(new AppError(code)),
      ),
    ).toEqual([true, true, true, true, true]);
    expect(
      (['AI_CONTENT_FILTERED', 'AI_REQUEST_REFUSED', 'INTERNAL'] as const).map((code) =>
        isWorthAnotherModel(new AppError(code)),
      ),
    ).toEqual([false, false, false]);
  });
});

describe('retryAfterSeconds', () => {
  const now = Date.parse('2026-01-01T00:00:00Z');
  it.each([
    [{ 'retry-after': '7' }, 7],
    [{ 'retry-after': '0.5' }, 0.5],
    [{ 'retry-after': 'Thu, 01 Jan 2026 00:00:10 GMT' }, 10],
    [{ 'retry-after': 'Wed, 31 Dec 2025 00:00:00 GMT' }, 0],
    [{ 'retry-after': '9', 'retry-after-ms': '250' }, 0.25],
    [{ 'retry-after': 'soon' }, undefined],
    [{ 'retry-after': '-5' }, undefined],
    [{}, undefined],
  ])('reads %j as %p', (headers, seconds) => {
    const read = retryAfterSeconds(new Headers(headers as Record<string, string>), now);
    if (seconds === undefined) expect(read ?? 0).toBeLessThanOrEqual(0);
    else expect(read).toBe(seconds);
  });
});

describe('failureOfStatus', () => {
  it.each([
    [400, {}, 'AI_REQUEST_REFUSED'],
    [400, { error: { code: 'context_length_exceeded' } }, 'AI_CONTEXT_TOO_LONG'],
    [400, { message: "This model's maximum context length is 4096 tokens." }, 'AI_CONTEXT_TOO_LONG'],
    [400, { error: { code: 'content_filter' } }, 'AI_CONTENT_FILTERED'],
    [401, { error: { type: 'invalid_request_error', code: 'invalid_api_key' } }, 'AI_MISCONFIGURED'],
    [402, {}, 'AI_QUOTA_EXHAUSTED'],
    [403, {}, 'AI_MISCONFIGURED'],
    [404, { error: { type: 'invalid_request_error', code: 'model_not_found' } }, 'AI_MISCONFIGURED'],
    [408, {}, 'AI_TIMEOUT'],
    [422, { detail: [] }, 'AI_REQUEST_REFUSED'],
    [429, {}, 'AI_OVERLOADED'],
    [429, { error: { type: 'insufficient_quota', code: null } }, 'AI_QUOTA_EXHAUSTED'],
    [429, { error: { type: 'requests', code: 'rate_limit_exceeded' } }, 'AI_OVERLOADED'],
    [500, { error: { type: 'invalid_request_error' } }, 'AI_UNAVAILABLE'],
    [503, 'text', 'AI_UNAVAILABLE'],
    [529, { error: { type: 'overloaded_error' } }, 'AI_OVERLOADED'],
  ])('maps %i %j to %s', (status, body, code) => {
    expect(failureOfStatus('openai', status, new Headers(), body).code).toBe(code);
  });

  it('tells nothing that the provider wrote, only a code that looks like one', () => {
    const body = {
      error: { message: 'Incorrect key sk-canary-123 for prompt "secret"', code: 'Key sk-canary-123', type: 'auth' },
    };
    const error = failureOfStatus('openai', 401, new Headers(), body);
    expect(JSON.stringify([error.message, error.details, String(error.cause)])).not.toMatch(/canary|secret/);
    expect(String(error.cause)).toBe('ProviderFailure: openai answered 401 (auth)');
  });
});
