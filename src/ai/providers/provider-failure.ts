import { AppError } from '../../common/errors/app-error.js';
import type { ErrorCode } from '../../common/errors/error-catalogue.js';
import type { ProviderName } from './ai-provider.js';
import { isObject, type JsonObject } from './json-value.js';

/**
 * What a failure says about later calls: nothing (`request`), about this model, about the whole provider for now
 * (`provider`), or about the provider until somebody changes something there (`setup`).
 */
export type FailureScope = 'request' | 'model' | 'provider' | 'setup';

/** The cause of an AI_… error, for logs and /health: never holds a key, a prompt or a body of the provider. */
export class ProviderFailure extends Error {
  constructor(
    readonly provider: ProviderName,
    reason: string,
    readonly scope: FailureScope,
  ) {
    super(`${provider} ${reason}`);
    this.name = 'ProviderFailure';
  }
}

export function failureScope(error: AppError): FailureScope {
  return error.cause instanceof ProviderFailure ? error.cause.scope : 'provider';
}

/** What operators may read about a failure. */
export function failureReason(error: AppError): string {
  return error.cause instanceof ProviderFailure ? error.cause.message : error.code;
}

interface FailureFacts {
  code: ErrorCode;
  scope: FailureScope;
}

const OVERLOADED: FailureFacts = { code: 'AI_OVERLOADED', scope: 'provider' };
const UNAVAILABLE: FailureFacts = { code: 'AI_UNAVAILABLE', scope: 'provider' };
const REFUSED: FailureFacts = { code: 'AI_REQUEST_REFUSED', scope: 'request' };

/** Error codes and types of OpenAI and of the servers that imitate it. */
const FACTS_OF_CODE: Readonly<Record<string, FailureFacts>> = {
  insufficient_quota: { code: 'AI_QUOTA_EXHAUSTED', scope: 'setup' },
  billing_hard_limit_reached: { code: 'AI_QUOTA_EXHAUSTED', scope: 'setup' },
  billing_not_active: { code: 'AI_QUOTA_EXHAUSTED', scope: 'setup' },
  account_deactivated: { code: 'AI_MISCONFIGURED', scope: 'setup' },
  invalid_api_key: { code: 'AI_MISCONFIGURED', scope: 'setup' },
  authentication_error: { code: 'AI_MISCONFIGURED', scope: 'setup' },
  model_not_found: { code: 'AI_MISCONFIGURED', scope: 'model' },
  not_found_error: { code: 'AI_MISCONFIGURED', scope: 'model' },
  context_length_exceeded: { code: 'AI_CONTEXT_TOO_LONG', scope: 'request' },
  content_filter: { code: 'AI_CONTENT_FILTERED', scope: 'request' },
  content_policy_violation: { code: 'AI_CONTENT_FILTERED', scope: 'request' },
  rate_limit_exceeded: OVERLOADED,
  rate_limit_error: OVERLOADED,
  overloaded_error: OVERLOADED,
  server_error: UNAVAILABLE,
  internal_error: UNAVAILABLE,
  invalid_request_error: REFUSED,
};

function factsOfStatus(status: number): FailureFacts {
  switch (status) {
    case 401:
      return { code: 'AI_MISCONFIGURED', scope: 'setup' };
    case 402:
      return { code: 'AI_QUOTA_EXHAUSTED', scope: 'setup' };
    case 403:
      return { code: 'AI_MISCONFIGURED', scope: 'setup' };
    // A wrong path and a wrong model look alike; only this model is put aside.
    case 404:
      return { code: 'AI_MISCONFIGURED', scope: 'model' };
    case 408:
      return { code: 'AI_TIMEOUT', scope: 'provider' };
    case 429:
    case 529:
      return OVERLOADED;
    default:
      return status >= 500 ? UNAVAILABLE : REFUSED;
  }
}

/** The error for an HTTP answer that is no success. `body` is what came with it, parsed when it was JSON. */
export function failureOfStatus(provider: ProviderName, status: number, headers: Headers, body: unknown): AppError {
  const known = knownCode(errorObject(body));
  const byCode = known === null ? undefined : FACTS_OF_CODE[known];
  const byStatus = factsOfStatus(status);
  // A code may sharpen what the status says, but `invalid_request_error` and the like come with every 4xx.
  let facts = byCode && byCode !== REFUSED && byCode !== UNAVAILABLE ? byCode : byStatus;
  if (facts === REFUSED && isAboutLength(body)) facts = { code: 'AI_CONTEXT_TOO_LONG', scope: 'request' };
  const reason = `answered ${status}${known === null ? '' : ` (${known})`}`;
  return new AppError(facts.code, {
    cause: new ProviderFailure(provider, reason, facts.scope),
    retryAfterSeconds: isPassing(facts) ? retryAfterSeconds(headers, Date.now()) : undefined,
  });
}

/** The error for an `error` object within a stream or in a body that came with status 200. */
export function failureInStream(provider: ProviderName, error: unknown, hasText: boolean): AppError {
  const object = isObject(error) ? error : {};
  const known = knownCode(object);
  const status = [object['code'], object['status'], object['status_code']].map(Number).find((n) => n >= 400 && n < 600);
  const byCode = known === null ? undefined : FACTS_OF_CODE[known];
  let facts = byCode ?? (status === undefined ? UNAVAILABLE : factsOfStatus(status));
  if (hasText && facts === UNAVAILABLE) facts = { code: 'AI_INTERRUPTED', scope: 'provider' };
  const reason = `sent an error in its stream (${known ?? status ?? 'no code'})`;
  return new AppError(facts.code, { cause: new ProviderFailure(provider, reason, facts.scope) });
}

/** The error for a connection that could not be made (`connect`) or that broke while the answer came (`body`). */
export function failureOfConnection(provider: ProviderName, error: unknown, stage: 'connect' | 'body'): AppError {
  const code = systemCode(error);
  const timedOut = /TIMEOUT|TIMEDOUT/.test(code) && code !== 'UND_ERR_CONNECT_TIMEOUT';
  const broke = stage === 'connect' ? 'AI_UNAVAILABLE' : 'AI_INTERRUPTED';
  const reason = stage === 'connect' ? `cannot be reached (${code})` : `broke off its answer (${code})`;
  return new AppError(timedOut ? 'AI_TIMEOUT' : broke, { cause: new ProviderFailure(provider, reason, 'provider') });
}

export function truncated(provider: ProviderName): AppError {
  const cause = new ProviderFailure(provider, 'ended its stream without finishing the answer', 'provider');
  return new AppError('AI_INTERRUPTED', { cause });
}

/** `what` completes "the provider sent …". */
export function unreadable(provider: ProviderName, what: string): AppError {
  return new AppError('AI_BAD_RESPONSE', { cause: new ProviderFailure(provider, `sent ${what}`, 'provider') });
}

export function withheld(provider: ProviderName): AppError {
  return new AppError('AI_CONTENT_FILTERED', {
    cause: new ProviderFailure(provider, 'withheld the answer', 'request'),
  });
}

/** Seconds from now that the headers ask to wait (`retry-after-ms`, `retry-after` as number or date). */
export function retryAfterSeconds(headers: Headers, now: number): number | undefined {
  const milliseconds = Number.parseFloat(headers.get('retry-after-ms') ?? '');
  if (milliseconds >= 0) return milliseconds / 1000;
  const value = headers.get('retry-after')?.trim() ?? '';
  if (/^\d+(\.\d+)?$/.test(value)) return Number(value);
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, (date - now) / 1000);
}

/** vLLM, llama.cpp and others tell it in words only. */
function isAboutLength(body: unknown): boolean {
  const message = errorObject(body)['message'];
  return (
    typeof message === 'string' && /context (length|window|size)|too many tokens|prompt is too long/i.test(message)
  );
}

function isPassing(facts: FailureFacts): boolean {
  return facts.code === 'AI_OVERLOADED' || facts.code === 'AI_UNAVAILABLE';
}

function errorObject(body: unknown): JsonObject {
  if (!isObject(body)) return {};
  return isObject(body['error']) ? body['error'] : body;
}

/** The code or type of an error when it has the look of one; other text could hold anything. */
function knownCode(error: JsonObject): string | null {
  const names = [error['code'], error['type']].filter(
    (value): value is string => typeof value === 'string' && /^[a-z][a-z_]{2,48}$/.test(value),
  );
  return names.find((name) => (FACTS_OF_CODE[name] ?? REFUSED) !== REFUSED) ?? names[0] ?? null;
}

function systemCode(error: unknown): string {
  for (let at: unknown = error, depth = 0; isObject(at) && depth < 6; at = at['cause'], depth++) {
    if (typeof at['code'] === 'string' && /^[A-Z][A-Z0-9_]{2,48}$/.test(at['code'])) return at['code'];
  }
  return 'connection lost';
}
