import type { NestExpressApplication } from '@nestjs/platform-express';
import type { NextFunction, Request, Response } from 'express';
import { AppError } from '../common/errors/app-error.js';
import { isSameSecret } from '../common/same-secret.js';
import type { AppConfig } from '../config/app-config.js';

export const WEBHOOK_PATHS = ['/telegram/webhook', '/webhook/telegram'];
const SECRET_HEADER = 'x-telegram-bot-api-secret-token';
/** Updates are a few kilobytes; Telegram promises no bound. */
const MAX_UPDATE_BYTES = 1024 * 1024;

/**
 * Stands before the readers of bodies: nothing of a request to the webhook is read unless it brings the secret. Without a
 * configured secret none is let in.
 */
export function configureWebhookFront(app: NestExpressApplication, { env }: AppConfig): void {
  const secret = env.TELEGRAM_WEBHOOK_SECRET;
  app.use(WEBHOOK_PATHS, (request: Request, _response: Response, next: NextFunction) => {
    const given = request.headers[SECRET_HEADER];
    const isKnown = secret !== undefined && typeof given === 'string' && isSameSecret(given, secret);
    next(request.method === 'POST' && !isKnown ? new AppError('UNAUTHORIZED') : undefined);
  });
  app.use(WEBHOOK_PATHS, readBytes);
}

/** Reads up to the limit; the readers behind find the request read and leave it alone. */
function readBytes(request: Request, _response: Response, next: NextFunction): void {
  const chunks: Buffer[] = [];
  let size = 0;
  request.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size <= MAX_UPDATE_BYTES) chunks.push(chunk);
  });
  request.once('error', () => undefined);
  request.once('end', () => {
    request.body = Buffer.concat(chunks);
    next(size > MAX_UPDATE_BYTES ? new AppError('PAYLOAD_TOO_LARGE') : undefined);
  });
}
