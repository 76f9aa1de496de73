import type { NestExpressApplication } from '@nestjs/platform-express';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import type { AppConfig } from '../config/app-config.js';

/** The OpenAPI 3.1 description of every REST route. */
export function createApiDocument(app: NestExpressApplication, config: AppConfig): OpenAPIObject {
  const builder = new DocumentBuilder()
    .setTitle('Parley')
    .setDescription('One backend for every conversation a product has.')
    .setVersion(config.version)
    .setOpenAPIVersion('3.1.0')
    .addBearerAuth();
  return SwaggerModule.createDocument(app, builder.build());
}

/** `/docs` (Swagger UI) and `/openapi.json`. The document is made when it is first asked for. */
export function serveApiDocs(app: NestExpressApplication, config: AppConfig): void {
  SwaggerModule.setup('docs', app, () => createApiDocument(app, config), {
    jsonDocumentUrl: 'openapi.json',
    raw: ['json'],
    customSiteTitle: 'Parley API',
  });
}
