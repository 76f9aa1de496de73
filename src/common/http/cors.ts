import type { IncomingMessage } from 'node:http';
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { AppError } from '../errors/app-error.js';

/** The part of the configuration that says who may come from where. */
export interface OriginRules {
  readonly allowedOrigins: ReadonlySet<string>;
  readonly env: { readonly NODE_ENV: string };
}

const LOCAL_ORIGIN = /^http:\/\/(?:localhost|127\.0\.0\.1)(?::\d{1,5})?$/;

/**
 * Whether a page of `origin` may talk to us, on whatever wire: it is our own (the host that it asked for), or listed, or - in
 * development with nothing listed - on this machine. No Origin means no browser, and that is for tokens to judge.
 */
export function isOriginAllowed(origin: string | undefined, host: string | undefined, rules: OriginRules): boolean {
  if (origin === undefined) return true;
  if (rules.allowedOrigins.has(origin)) return true;
  if (host !== undefined && hostOf(origin) === host.toLowerCase()) return true;
  return rules.env.NODE_ENV === 'development' && rules.allowedOrigins.size === 0 && LOCAL_ORIGIN.test(origin);
}

/** The same for a request or an upgrade. */
export function isRequestOriginAllowed({ headers }: IncomingMessage, rules: OriginRules): boolean {
  return isOriginAllowed(headers.origin, headers.host, rules);
}

/** Express middleware: answers preflights and marks answers for allowed origins; every request of another one is a 403. */
export function corsFor(rules: OriginRules): RequestHandler {
  return (request: Request, response: Response, next: NextFunction): void => {
    response.vary('Origin');
    const { origin } = request.headers;
    if (origin === undefined) return next();
    if (!isRequestOriginAllowed(request, rules)) return next(new AppError('ORIGIN_NOT_ALLOWED'));
    response.setHeader('Access-Control-Allow-Origin', origin);
    response.setHeader('Access-Control-Allow-Credentials', 'true');
    response.setHeader('Access-Control-Expose-Headers', EXPOSED_HEADERS);
    if (request.method !== 'OPTIONS' || !request.headers['access-control-request-method']) return next();
    response.vary('Access-Control-Request-Headers');
    response.setHeader('Access-Control-Allow-Methods', 'GET,HEAD,POST,PUT,PATCH,DELETE');
    const wanted = request.headers['access-control-request-headers'];
    if (wanted !== undefined) response.setHeader('Access-Control-Allow-Headers', wanted);
    response.setHeader('Access-Control-Max-Age', '600');
    response.status(204).end();
  };
}

const EXPOSED_HEADERS = 'X-Next-Cursor, Link, Retry-After, Idempotent-Replayed, X-Request-Id, Content-Disposition';

/** Host and port of an origin as a browser spells it; null for `null` and for what is no origin. */
function hostOf(origin: string): string | null {
  try {
    const url = new URL(origin);
    return url.origin === origin && /^https?:$/.test(url.protocol) ? url.host : null;
  } catch {
    return null;
  }
}
