import type { NestExpressApplication } from '@nestjs/platform-express';
import type { Request, Response } from 'express';
import type { AppConfig } from '../config/app-config.js';
import { createAsyncDocument, type AsyncDocument } from './async-document.js';

/** `/asyncapi.json`. The document is made when it is first asked for. */
export function serveAsyncDocs(app: NestExpressApplication, config: AppConfig): void {
  let document: AsyncDocument | undefined;
  app.getHttpAdapter().get('/asyncapi.json', (_request: Request, response: Response) => {
    response.json((document ??= createAsyncDocument(app, config.version)));
  });
}
