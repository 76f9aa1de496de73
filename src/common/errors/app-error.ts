import { ERROR_CATALOGUE, type ErrorCode, type ErrorSpec } from './error-catalogue.js';

export interface AppErrorOptions {
  /** Replaces the catalogue's text. Shown to clients: no secrets, no SQL. */
  message?: string;
  /** Shown to clients as `details`. */
  details?: unknown;
  /** Seconds until a repetition makes sense; becomes `Retry-After`. */
  retryAfterSeconds?: number;
  cause?: unknown;
}

/** The only error that features throw. */
export class AppError extends Error {
  readonly details?: unknown;
  readonly retryAfterSeconds?: number;

  constructor(
    readonly code: ErrorCode,
    options: AppErrorOptions = {},
  ) {
    super(options.message ?? ERROR_CATALOGUE[code].message, { cause: options.cause });
    this.name = 'AppError';
    this.details = options.details;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }

  get spec(): ErrorSpec {
    return ERROR_CATALOGUE[this.code];
  }
}
