import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Response } from 'express';
import { from, lastValueFrom, type Observable } from 'rxjs';
import type { AuthenticatedRequest } from '../common/http/access.decorators.js';
import { fingerprintOf } from './fingerprint.js';
import { IS_IDEMPOTENT } from './idempotent.decorator.js';
import { IdempotencyService } from './idempotency.service.js';

/** Honours `Idempotency-Key` on the handlers that are marked with `@Idempotent()`. */
@Injectable()
export class IdempotencyInterceptor implements NestInterceptor {
  constructor(
    private readonly reflector: Reflector,
    private readonly idempotency: IdempotencyService,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const http = context.switchToHttp();
    const request = http.getRequest<AuthenticatedRequest>();
    const key = request.headers?.['idempotency-key'];
    if (key === undefined || !this.reflector.get<boolean | undefined>(IS_IDEMPOTENT, context.getHandler()))
      return next.handle();
    return from(this.answer(request, http.getResponse<Response>(), String(key), next));
  }

  private async answer(
    request: AuthenticatedRequest,
    response: Response,
    key: string,
    next: CallHandler,
  ): Promise<unknown> {
    const fingerprint = fingerprintOf(request.method, request.originalUrl, request.body);
    const { statusCode, body, replayed } = await this.idempotency.run(request.actor, { key, fingerprint }, async () => {
      // The status is set before the handler runs, and the handler may still change it.
      const result: unknown = await lastValueFrom(next.handle(), { defaultValue: undefined });
      return { statusCode: response.statusCode, body: result };
    });
    if (replayed) response.status(statusCode).setHeader('Idempotent-Replayed', 'true');
    return body;
  }
}
