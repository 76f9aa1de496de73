// Writes docs/openapi.json, docs/asyncapi.json, docs/errors.md and the tables of docs/WEBSOCKET_API.md from the compiled application; with --check tells whether they are what they should be.
import { NestFactory } from '@nestjs/core';
import { readFileSync, writeFileSync } from 'node:fs';
import { AppModule } from '../app.module.js';
import { createAsyncDocument } from '../asyncapi/async-document.js';
import { fillLivePage } from '../asyncapi/live-page.js';
import { AppConfig } from '../config/app-config.js';
import { createApiDocument } from '../openapi/api-docs.js';
import { renderErrorsPage } from '../openapi/errors-page.js';
import { DatabaseAddress } from '../prisma/database-address.js';

const config = AppConfig.from({ NODE_ENV: 'test' });
// Nothing is instantiated in a preview, so nothing connects.
const app = await NestFactory.create(AppModule.with(config, new DatabaseAddress('postgresql://nowhere', false)), {
  preview: true,
  logger: ['error'],
  abortOnError: false,
});
const documents = new URL('../../docs/', import.meta.url);
// This one first: the other adds to what is known of the classes.
const api = createApiDocument(app, config.version);
const live = createAsyncDocument(app, config.version);
const files = {
  'asyncapi.json': `${JSON.stringify(live, null, 2)}\n`,
  'WEBSOCKET_API.md': fillLivePage(
    readFileSync(new URL('WEBSOCKET_API.md', documents), 'utf8'),
    live.components.schemas,
  ),
  'openapi.json': `${JSON.stringify(api, null, 2)}\n`,
  'errors.md': renderErrorsPage(),
};

const isCheck = process.argv.includes('--check');
for (const [name, text] of Object.entries(files)) {
  const file = new URL(name, documents);
  if (!isCheck) writeFileSync(file, text);
  else if (readFileSync(file, 'utf8') !== text) {
    console.error(`docs/${name} is out of date: npm run docs:api`);
    process.exitCode = 1;
  }
}
