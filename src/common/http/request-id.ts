import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { NextFunction, Request, Response } from 'express';

export const REQUEST_ID_HEADER = 'X-Request-Id';

const SANE_ID = /^[A-Za-z0-9_.-]{1,64}$/;
const ids = new WeakMap<IncomingMessage, string>();

/** The id that logs and answers of this request carry: the client's own when it is sane, else a new one. */
export function requestIdOf(request: IncomingMessage): string {
  let id = ids.get(request);
  if (id === undefined) {
    const given = request.headers['x-request-id'];
    id = typeof given === 'string' && SANE_ID.test(given) ? given : randomUUID();
    ids.set(request, id);
  }
  return id;
}

/** Express middleware, the first of all: answers the request id in `X-Request-Id`. */
export function assignRequestId(request: Request, response: Response, next: NextFunction): void {
  response.setHeader(REQUEST_ID_HEADER, requestIdOf(request));
  next();
}
