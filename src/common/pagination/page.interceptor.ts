import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import type { Request, Response } from 'express';
import { map, type Observable } from 'rxjs';
import { Page } from './page.js';

/** Sends a `Page` as a plain array with `Link: <…>; rel="next"` and `X-Next-Cursor`. */
@Injectable()
export class PageInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    return next.handle().pipe(
      map((result: unknown) => {
        if (!(result instanceof Page)) return result;
        if (result.nextCursor !== null) {
          const http = context.switchToHttp();
          const url = new URL(http.getRequest<Request>().originalUrl, 'http://relative');
          url.searchParams.set('cursor', result.nextCursor);
          http
            .getResponse<Response>()
            .setHeader('X-Next-Cursor', result.nextCursor)
            .setHeader('Link', `<${url.pathname}${url.search}>; rel="next"`);
        }
        return result.items as unknown[];
      }),
    );
  }
}
