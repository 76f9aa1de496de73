import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { AppModule } from './app.module.js';
import { serveAsyncDocs } from './asyncapi/serve-async-docs.js';
import { configureBodies } from './common/http/body-limits.js';
import { corsFor } from './common/http/cors.js';
import { ErrorFilter } from './common/http/error.filter.js';
import { LimitedExpressAdapter } from './common/http/http-adapter.js';
import { assignRequestId } from './common/http/request-id.js';
import { configureSecurityHeaders } from './common/http/security-headers.js';
import { PageInterceptor } from './common/pagination/page.interceptor.js';
import { DtoValidationPipe } from './common/validation/validation.pipe.js';
import type { AppConfig } from './config/app-config.js';
import { API_V1_ERRORS } from './gateway/api-v1/error-dialect.js';
import { ChatIoAdapter } from './gateway/socketio/chat-io.adapter.js';
import { ReadinessState } from './health/readiness-state.js';
import { refuseWhileDraining } from './health/refuse-while-draining.js';
import { LogService } from './logging/log.service.js';
import { logRequests } from './logging/request-log.js';
import { MetricsService } from './metrics/metrics.service.js';
import { observeRequests } from './metrics/observe-requests.js';
import { serveApiDocs } from './openapi/api-docs.js';
import type { DatabaseAddress } from './prisma/database-address.js';

/** The whole application on a database that is up and migrated; it listens when told to. The server and every test start it here. */
export async function createApp(config: AppConfig, address: DatabaseAddress): Promise<NestExpressApplication> {
  const app = await NestFactory.create<NestExpressApplication>(
    AppModule.with(config, address),
    new LimitedExpressAdapter(),
    {
      bodyParser: false,
      bufferLogs: true,
      abortOnError: false,
    },
  );
  configureApp(app, config);
  await app.init();
  return app;
}

function configureApp(app: NestExpressApplication, config: AppConfig): void {
  const log = app.get(LogService);
  app.useLogger(log);
  app.set('trust proxy', config.env.TRUST_PROXY);
  app.disable('x-powered-by');
  app.disable('etag');
  app.use(assignRequestId);
  app.use(logRequests(log));
  app.use(observeRequests(app.get(MetricsService)));
  configureSecurityHeaders(app, config);
  app.use(corsFor(config));
  app.use(refuseWhileDraining(app.get(ReadinessState)));
  configureBodies(app);
  app.useGlobalPipes(new DtoValidationPipe());
  app.useGlobalFilters(new ErrorFilter([API_V1_ERRORS]));
  app.useGlobalInterceptors(new PageInterceptor());
  app.useWebSocketAdapter(new ChatIoAdapter(app));
  if (config.env.DOCS_ENABLED) {
    serveApiDocs(app, config);
    serveAsyncDocs(app, config);
  }
}
