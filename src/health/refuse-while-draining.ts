import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { AppError } from '../common/errors/app-error.js';
import type { ReadinessState } from './readiness-state.js';

const READING_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Express middleware: once draining, connections end with their answer and only reads are still taken. */
export function refuseWhileDraining(readiness: ReadinessState): RequestHandler {
  return (request: Request, response: Response, next: NextFunction): void => {
    if (!readiness.isDraining) return next();
    response.setHeader('Connection', 'close');
    next(READING_METHODS.has(request.method) ? undefined : new AppError('SERVER_DRAINING'));
  };
}
