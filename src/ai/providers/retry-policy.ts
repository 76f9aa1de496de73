import type { AppError } from '../../common/errors/app-error.js';
import type { ErrorCode } from '../../common/errors/error-catalogue.js';

/** Retries of one answer at one model, all before its first text. */
export const MAX_RETRIES = 2;
/** A provider that asks for more patience than this gets none: the caller is told how long it would be. */
export const LONGEST_RETRY_AFTER_SECONDS = 60;
const BASE_WAIT_MS = 250;
const JITTER_MS = 250;

/** How often each failure is retried. After a timeout only once: by then a person has waited long enough. */
const RETRIES_OF_CODE: Partial<Record<ErrorCode, number>> = {
  AI_UNAVAILABLE: MAX_RETRIES,
  AI_OVERLOADED: MAX_RETRIES,
  AI_INTERRUPTED: MAX_RETRIES,
  AI_TIMEOUT: 1,
};

/**
 * Milliseconds to wait before the next try after `failures` failed ones, or null when there shall be none.
 * Never shorter than what the provider asked for. Only for failures before the first text.
 */
export function retryWaitMs(error: AppError, failures: number, random: () => number = Math.random): number | null {
  if (failures > (RETRIES_OF_CODE[error.code] ?? 0)) return null;
  const asked = error.retryAfterSeconds ?? 0;
  if (asked > LONGEST_RETRY_AFTER_SECONDS) return null;
  const wait = Math.max(asked * 1000, BASE_WAIT_MS * 2 ** (failures - 1));
  return Math.ceil(wait + random() * JITTER_MS);
}

/** Whether another model may succeed where this one failed. */
export function isWorthAnotherModel(error: AppError): boolean {
  switch (error.code) {
    case 'AI_CONTENT_FILTERED':
    case 'AI_REQUEST_REFUSED':
      return false;
    default:
      return error.code.startsWith('AI_');
  }
}
