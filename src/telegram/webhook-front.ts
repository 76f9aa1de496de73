import type { NestExpressApplication } from '@nestjs/platform-express';
import { raw, type NextFunction, type Request, type Response } from 'express';
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
  app.use(WEBHOOK_PATHS, raw({ limit: MAX_UPDATE_BYTES, inflate: false, type: () => true }));
}
