import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { AppError } from '../common/errors/app-error.js';
import type { ReadinessState } from './readiness-state.js';

const READING_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);
/** What ends work begins none, and makes draining shorter. */
const ENDING_PATHS = /^\/(?:(?:sessions|messages)\/[^/]+\/stop|(?:api\/v1\/)?auth\/logout)\/?$/i;

/** Express middleware: once draining, connections end with their answer; only reads, stops and sign-outs are still taken. */
export function refuseWhileDraining(readiness: ReadinessState): RequestHandler {
  return (request: Request, response: Response, next: NextFunction): void => {
    if (!readiness.isDraining) return next();
    response.setHeader('Connection', 'close');
    const isTaken = READING_METHODS.has(request.method) || ENDING_PATHS.test(request.path);
    next(isTaken ? undefined : new AppError('SERVER_DRAINING'));
  };
}
