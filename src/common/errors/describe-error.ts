import { HttpException } from '@nestjs/common';
import { AppError } from './app-error.js';
import { ERROR_CATALOGUE, type ErrorCode, type ErrorLogLevel } from './error-catalogue.js';

/** An error as every door may show it. */
export interface ErrorDescription {
  status: number;
  code: ErrorCode;
  message: string;
  details?: unknown;
  retryAfterSeconds?: number;
  logLevel: ErrorLogLevel;
  /** True when nobody foresaw it: log the real one with its stack. */
  unexpected: boolean;
}

/** What the ack, the `error` event, the SSE `error` frame and the NDJSON line carry. */
export interface WireError {
  code: ErrorCode;
  message: string;
  details?: unknown;
  retryAfterSeconds?: number;
}

/** Maps anything thrown to one entry of the catalogue; the text of unknown errors never leaves the server. */
export function describeError(error: unknown): ErrorDescription {
  const known = toAppError(error);
  if (known) {
    return {
      status: known.spec.status,
      code: known.code,
      message: known.message,
      details: known.details,
      retryAfterSeconds: known.retryAfterSeconds ?? (known.spec.status === 503 ? 1 : undefined),
      logLevel: known.spec.logLevel,
      unexpected: false,
    };
  }
  const { status, message, logLevel } = ERROR_CATALOGUE.INTERNAL;
  return { status, code: 'INTERNAL', message, logLevel, unexpected: true };
}

export function toWireError(error: unknown): WireError {
  const { code, message, details, retryAfterSeconds } = describeError(error);
  return {
    code,
    message,
    ...(details === undefined ? {} : { details }),
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  };
}

const CODE_OF_STATUS: Partial<Record<number, ErrorCode>> = {
  400: 'VALIDATION_FAILED',
  401: 'UNAUTHORIZED',
  403: 'FORBIDDEN',
  404: 'NOT_FOUND',
  405: 'METHOD_NOT_ALLOWED',
  413: 'PAYLOAD_TOO_LARGE',
  415: 'UNSUPPORTED_MEDIA_TYPE',
  429: 'RATE_LIMITED',
  503: 'SERVER_BUSY',
};

function toAppError(error: unknown): AppError | null {
  if (error instanceof AppError) return error;
  if (error instanceof HttpException) return fromStatus(error.getStatus(), error);
  if (isDatabaseUnavailable(error)) return new AppError('DATABASE_UNAVAILABLE', { cause: error, retryAfterSeconds: 1 });
  // Express and its body parser throw http-errors: a status, a type and a text for the client.
  if (isRecord(error) && typeof error['status'] === 'number' && typeof error['type'] === 'string') {
    if (error['type'] === 'entity.parse.failed') return new AppError('INVALID_JSON', { cause: error });
    return fromStatus(error['status'], error);
  }
  if (error instanceof URIError)
    return new AppError('VALIDATION_FAILED', { message: 'The address is not valid.', cause: error });
  return null;
}

function fromStatus(status: number, cause: unknown): AppError | null {
  const code = CODE_OF_STATUS[status] ?? (status >= 400 && status < 500 ? 'VALIDATION_FAILED' : undefined);
  return code ? new AppError(code, { cause }) : null;
}

const UNAVAILABLE_PRISMA_CODES = new Set([
  'P1000',
  'P1001',
  'P1002',
  'P1003',
  'P1008',
  'P1011',
  'P1017',
  'P2024',
  'P2028',
  'P2037',
]);
/** SQLSTATE classes 08 (connection), 53 (resources), 28 (sign-in) and 3D (no such database), and the shutdown and timeout codes of 57 and 55. */
const UNAVAILABLE_SQLSTATES = /^(08...|53...|28...|3D000|57P0[1-5]|57014|55P03)$/;
const UNAVAILABLE_SYSTEM_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ENOENT',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
]);
const UNAVAILABLE_TEXT =
  /timeout exceeded when trying to connect|Connection terminated|not queryable|Can't reach database server|Unable to start a transaction|Server has closed the connection/i;

/** Whether a failure says "the database is away or out of room", as Prisma, its adapter or `pg` put it. */
export function isDatabaseUnavailable(error: unknown): boolean {
  for (let at: unknown = error, depth = 0; isRecord(at) && depth < 5; at = at['cause'], depth++) {
    const name = String(at['name']);
    const isDatabaseError = /Prisma|DriverAdapter|DatabaseError/.test(name) || 'meta' in at || 'severity' in at;
    for (const key of ['code', 'originalCode', 'errorCode']) {
      const code = at[key];
      if (typeof code !== 'string') continue;
      if (UNAVAILABLE_PRISMA_CODES.has(code) || (isDatabaseError && UNAVAILABLE_SYSTEM_CODES.has(code))) return true;
      if (UNAVAILABLE_SQLSTATES.test(code)) return true;
    }
    if (typeof at['message'] === 'string' && UNAVAILABLE_TEXT.test(at['message'])) return true;
    const inner = isRecord(at['meta']) ? at['meta']['driverAdapterError'] : undefined;
    if (inner !== undefined && isDatabaseUnavailable(inner)) return true;
  }
  return false;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
