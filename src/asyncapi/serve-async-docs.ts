import type { NestExpressApplication } from '@nestjs/platform-express';
import type { AppConfig } from '../config/app-config.js';
import { createAsyncDocument, type AsyncDocument } from './async-document.js';

/** `/asyncapi.json`. The document is made when it is first asked for. */
export function serveAsyncDocs(app: NestExpressApplication, config: AppConfig): void {
  let document: AsyncDocument | undefined;
  const adapter = app.getHttpAdapter();
  adapter.get('/asyncapi.json', (_request, response) => {
    adapter.reply(response, (document ??= createAsyncDocument(app, config.version)), 200);
  });
}
