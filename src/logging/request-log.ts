import type { NextFunction, Request, RequestHandler, Response } from 'express';
import type { Level } from 'pino';
import type { Actor } from '../common/actor.js';
import { requestIdOf } from '../common/http/request-id.js';
import type { LogService } from './log.service.js';
import { requestContext } from './request-context.js';

const LONGEST_PATH = 300;
/** Asked for every few seconds by machines. */
const WATCHED_PATH = /^\/(?:api\/)?(?:health|metrics)(?:\/|$)/;

/** Express middleware: one line for each request once it has ended, and its id on every line written meanwhile. Never bodies or queries. */
export function logRequests(log: LogService): RequestHandler {
  return (request: Request & { actor?: Actor }, response: Response, next: NextFunction): void => {
    const requestId = requestIdOf(request);
    const [path = ''] = request.originalUrl.split('?', 1);
    const level: Level = WATCHED_PATH.test(path) ? 'trace' : 'info';
    if (log.isEnabled(level)) {
      const started = performance.now();
      // The address is gone once the socket is.
      const { ip, method } = request;
      response.once('close', () =>
        log.record(
          level,
          {
            requestId,
            method,
            path: path.slice(0, LONGEST_PATH),
            status: response.statusCode,
            ms: Math.round((performance.now() - started) * 10) / 10,
            ip,
            ...(request.actor ? { userId: request.actor.userId } : {}),
          },
          response.writableFinished ? 'request' : 'request aborted',
        ),
      );
    }
    requestContext.run({ requestId }, next);
  };
}
