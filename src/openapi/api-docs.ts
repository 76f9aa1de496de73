import type { INestApplication } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import type { AppConfig } from '../config/app-config.js';
import { API_DESCRIPTION, API_TAGS } from './api-texts.js';
import { completeDocument } from './complete-document.js';
import { operationId } from './operation-id.js';

/** The OpenAPI 3.1 description of every REST route. */
export function createApiDocument(app: INestApplication, version: string): OpenAPIObject {
  const builder = new DocumentBuilder()
    .setTitle('Parley')
    .setDescription(API_DESCRIPTION)
    .setVersion(version)
    .setOpenAPIVersion('3.1.0')
    .addServer('/', 'The server that this document comes from; npm start listens on http://localhost:3001.')
    .addBearerAuth({ type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: 'An access token.' })
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: 'A refresh token.' }, 'refreshToken')
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: 'METRICS_TOKEN of the server.' }, 'metricsToken')
    .addApiKey(
      { type: 'apiKey', in: 'query', name: 'ticket', description: 'A ticket of `POST /sse/ticket`.' },
      'ticket',
    )
    .addSecurityRequirements('bearer');
  for (const [name, description] of Object.entries(API_TAGS)) builder.addTag(name, description);
  const base = builder.build();
  Object.assign(base.info, { license: { name: 'All rights reserved', identifier: 'LicenseRef-Proprietary' } });
  return completeDocument(SwaggerModule.createDocument(app, base, { operationIdFactory: operationId }));
}

/** `/docs` (Swagger UI) and `/openapi.json`. The document is made when it is first asked for. */
export function serveApiDocs(app: NestExpressApplication, config: AppConfig): void {
  let document: OpenAPIObject | undefined;
  SwaggerModule.setup('docs', app, () => (document ??= createApiDocument(app, config.version)), {
    jsonDocumentUrl: 'openapi.json',
    raw: ['json'],
    customSiteTitle: 'Parley API',
  });
}
