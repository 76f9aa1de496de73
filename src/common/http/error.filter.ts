import { STATUS_CODES } from 'node:http';
import { Catch, Logger, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { Request, Response } from 'express';
import { describeError, type ErrorDescription } from '../errors/describe-error.js';
import type { ErrorCode } from '../errors/error-catalogue.js';
import { requestIdOf } from './request-id.js';

/** The body of every failed REST request. */
export interface ErrorBody {
  statusCode: number;
  /** The name of the status. */
  error: string;
  /** Stable; what programs look at. */
  code: ErrorCode;
  message: string;
  details?: unknown;
  requestId: string;
}

/** The shape of failures below some paths, for clients that know another one. */
export interface ErrorDialect {
  /** Of the path without its query. */
  readonly paths: RegExp;
  readonly toBody: (error: ErrorDescription) => object;
}

/**
 * Turns whatever a REST request threw into its answer; the cause of a failure goes to the log, never to the client. It is told
 * of failures before routing as well, so the path decides which dialect the client speaks.
 */
@Catch()
export class ErrorFilter implements ExceptionFilter<unknown> {
  private readonly logger = new Logger(ErrorFilter.name);

  constructor(private readonly dialects: readonly ErrorDialect[] = []) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<Request>();
    const response = http.getResponse<Response>();
    const description = describeError(error);
    const requestId = requestIdOf(request);
    this.report(error, description, requestId);
    if (response.headersSent) {
      // Half an answer cannot be taken back: a cut connection is the only honest end.
      if (!response.writableEnded) response.destroy();
      return;
    }
    setFailureHeaders(response, description);
    const [path = ''] = request.originalUrl.split('?', 1);
    const dialect = this.dialects.find(({ paths }) => paths.test(path));
    response.status(description.status).json(dialect?.toBody(description) ?? toErrorBody(description, requestId));
  }

  private report(error: unknown, { code, logLevel, unexpected }: ErrorDescription, requestId: string): void {
    if (logLevel !== 'error' && logLevel !== 'warn') return;
    const text = unexpected ? 'A request failed for an unknown reason' : `A request failed: ${code}`;
    this.logger[logLevel]({ msg: text, code, requestId, err: error });
  }
}

export function toErrorBody(description: ErrorDescription, requestId: string): ErrorBody {
  const { status, code, message, details } = description;
  return {
    statusCode: status,
    error: STATUS_CODES[status] ?? 'Error',
    code,
    message,
    ...(details === undefined ? {} : { details }),
    requestId,
  };
}

function setFailureHeaders(response: Response, { status, retryAfterSeconds }: ErrorDescription): void {
  if (status === 401) response.setHeader('WWW-Authenticate', 'Bearer');
  const wait = retryAfterSeconds ?? (status === 429 || status === 503 ? 1 : undefined);
  // The throttler may have said it already, and knows better.
  if (wait !== undefined && !response.hasHeader('Retry-After'))
    response.setHeader('Retry-After', String(Math.max(1, Math.ceil(wait))));
}
