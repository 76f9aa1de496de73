import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Body, Controller, Get, Logger, Module, Param, Post } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { configureBodies } from '../../src/common/http/body-limits.js';
import { ErrorFilter } from '../../src/common/http/error.filter.js';
import { LimitedExpressAdapter } from '../../src/common/http/http-adapter.js';
import { assignRequestId } from '../../src/common/http/request-id.js';
import { AppConfig } from '../../src/config/app-config.js';
import { ConfigModule } from '../../src/config/config.module.js';
import { HealthController } from '../../src/health/health.controller.js';
import { HealthService } from '../../src/health/health.service.js';
import { ReadinessState } from '../../src/health/readiness-state.js';
import { refuseWhileDraining } from '../../src/health/refuse-while-draining.js';
import { LogService } from '../../src/logging/log.service.js';
import { LoggingModule } from '../../src/logging/logging.module.js';
import { logRequests } from '../../src/logging/request-log.js';
import { MetricsModule } from '../../src/metrics/metrics.module.js';
import { MetricsService } from '../../src/metrics/metrics.service.js';
import { observeRequests } from '../../src/metrics/observe-requests.js';
import { httpCall } from '../support/http-call.js';

@Controller('probe')
class ProbeController {
  private readonly logger = new Logger(ProbeController.name);

  @Post('login')
  login(@Body() body: unknown): string {
    this.logger.log({ msg: 'somebody logs a body by mistake', body });
    return 'done';
  }

  @Get(':id')
  get(@Param('id') id: string): string {
    return id;
  }

  @Get(':id/boom')
  boom(): never {
    throw Object.assign(new Error('the database said something'), { body: 'canary-body' });
  }
}

@Module({
  controllers: [HealthController, ProbeController],
  providers: [ReadinessState, HealthService],
})
class ProbeModule {}

async function startApp(env: Record<string, string>) {
  const config = AppConfig.from({ NODE_ENV: 'test', HOST: '127.0.0.1', ...env });
  const app = await NestFactory.create<NestExpressApplication>(
    { module: ProbeModule, imports: [ConfigModule.with(config), LoggingModule.with(config), MetricsModule] },
    new LimitedExpressAdapter(),
    { bodyParser: false, bufferLogs: true },
  );
  app.useLogger(app.get(LogService));
  app.use(assignRequestId);
  app.use(logRequests(app.get(LogService)));
  app.use(observeRequests(app.get(MetricsService)));
  app.use(refuseWhileDraining(app.get(ReadinessState)));
  configureBodies(app);
  app.useGlobalFilters(new ErrorFilter());
  await app.listen(0, '127.0.0.1');
  return { app, port: (app.getHttpServer().address() as AddressInfo).port };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

const SILENT = { LOG_LEVEL: 'silent' };

describe('health', () => {
  let app: NestExpressApplication;
  let port: number;
  let databaseIsUp = true;

  beforeEach(async () => {
    databaseIsUp = true;
    ({ app, port } = await startApp(SILENT));
    app.get(HealthService).register('database', {
      critical: true,
      check: () => (databaseIsUp ? Promise.resolve({}) : Promise.reject(new Error('away'))),
    });
  });
  afterEach(() => app.close());

  const statusOf = async (path: string) => (await httpCall(port, 'GET', path)).status;

  it('is 200 on all its addresses while this node can serve', async () => {
    for (const path of ['/health', '/api/health', '/health/live', '/health/ready'])
      expect(await statusOf(path)).toBe(200);
    const { text } = await httpCall(port, 'GET', '/health');
    expect(JSON.parse(text)).toMatchObject({
      status: 'ok',
      environment: 'test',
      checks: { database: { status: 'ok' } },
    });
  });

  it('is 503 while the database is away, but the process counts as alive', async () => {
    databaseIsUp = false;
    expect(await statusOf('/health')).toBe(503);
    expect(await statusOf('/health/live')).toBe(200);
    const ready = await httpCall(port, 'GET', '/health/ready');
    expect([ready.status, JSON.parse(ready.text)]).toEqual([503, { ready: false, reasons: ['database'] }]);
    expect(ready.headers['retry-after']).toBe('1');
  });

  it('is 503 while draining; new work is refused, reads are served and connections end', async () => {
    app.get(ReadinessState).drain();
    expect(await statusOf('/health')).toBe(503);
    expect(await statusOf('/health/ready')).toBe(503);
    expect(await statusOf('/health/live')).toBe(200);
    const work = await httpCall(port, 'POST', '/probe/login');
    expect([work.status, work.headers['retry-after']]).toEqual([503, '1']);
    expect(JSON.parse(work.text)).toMatchObject({ code: 'SERVER_DRAINING' });
    const read = await httpCall(port, 'GET', '/probe/7');
    expect([read.status, read.headers.connection]).toEqual([200, 'close']);
  });
});

describe('metrics', () => {
  const running: NestExpressApplication[] = [];
  afterEach(async () => {
    for (const app of running.splice(0)) await app.close();
  });
  const start = async (env: Record<string, string>) => {
    const { app, port } = await startApp({ ...SILENT, ...env });
    running.push(app);
    return port;
  };

  it('are Prometheus text by default, with one series for each route, not for each path', async () => {
    const port = await start({});
    for (const id of ['1', '2', '3']) await httpCall(port, 'GET', `/probe/${id}`);
    await httpCall(port, 'GET', '/no/such/path');
    const { status, headers, text } = await httpCall(port, 'GET', '/metrics');
    expect([status, headers['content-type']]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8']);
    expect(text).toContain(
      'parley_http_request_duration_seconds_count{method="GET",route="/probe/:id",status="200"} 3',
    );
    expect(text).toContain('parley_http_request_duration_seconds_count{method="GET",route="none",status="404"} 1');
  });

  it('are JSON for who accepts that', async () => {
    const { text, headers } = await httpCall(await start({}), 'GET', '/metrics', { accept: 'application/json' });
    expect(headers['content-type']).toBe('application/json; charset=utf-8');
    expect(JSON.parse(text)).toMatchObject({ activeConnections: 0, uptime: expect.any(Number) });
  });

  it('ask for the token that is set', async () => {
    const port = await start({ METRICS_TOKEN: 'let-me-see' });
    expect((await httpCall(port, 'GET', '/metrics')).status).toBe(401);
    expect((await httpCall(port, 'GET', '/metrics', { authorization: 'Bearer let-me-see' })).status).toBe(200);
  });

  it('are on their own port alone when there is one', async () => {
    const metricsPort = await freePort();
    const port = await start({ METRICS_PORT: String(metricsPort), METRICS_TOKEN: 'let-me-see' });
    expect((await httpCall(port, 'GET', '/metrics')).status).toBe(404);
    expect((await httpCall(metricsPort, 'GET', '/metrics')).status).toBe(401);
    expect((await httpCall(metricsPort, 'GET', '/metrics', { authorization: 'Bearer let-me-see' })).status).toBe(200);
    expect((await httpCall(metricsPort, 'GET', '/probe/1')).status).toBe(404);
  });

  it('are absent when switched off', async () => {
    expect((await httpCall(await start({ ENABLE_METRICS: 'false' }), 'GET', '/metrics')).status).toBe(404);
  });
});

describe('the log of a request', () => {
  let app: NestExpressApplication;
  let port: number;
  let folder: string;
  let records: () => Promise<Record<string, unknown>[]>;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'parley-ops-'));
    const LOG_FILE = join(folder, 'app.log');
    ({ app, port } = await startApp({ LOG_LEVEL: 'debug', LOG_FILE }));
    records = async () => {
      await app.get(LogService).flush();
      const lines = readFileSync(LOG_FILE, 'utf8').trim().split('\n');
      return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    };
  });
  afterAll(async () => {
    await app.close();
    await app.get(LogService).close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('is one line without query and body, with the id that the answer carries', async () => {
    await httpCall(port, 'GET', '/probe/42?ticket=canary-ticket&q=canary-query', { 'x-request-id': 'req-42' });
    const lines = (await records()).filter(({ requestId }) => requestId === 'req-42');
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({ level: 'info', msg: 'request', method: 'GET', path: '/probe/42', status: 200 });
  });

  it('carries the request id on the lines of everybody who took part', async () => {
    await httpCall(port, 'GET', '/probe/42/boom', { 'x-request-id': 'req-boom' });
    const lines = (await records()).filter(({ requestId }) => requestId === 'req-boom');
    expect(lines.map(({ level }) => level)).toEqual(['error', 'info']);
    expect(lines[0]).toMatchObject({ err: { message: 'the database said something', stack: expect.any(String) } });
  });

  it('holds no secret even when somebody logs what he should not', async () => {
    const body = JSON.stringify({ password: 'canary-password', deep: { refreshToken: 'canary-refresh' } });
    const headers = {
      'content-type': 'application/json',
      authorization: 'Bearer canary-access',
      cookie: 'sid=canary-cookie',
      'x-request-id': 'req-login',
    };
    expect((await httpCall(port, 'POST', '/probe/login', headers, body)).status).toBe(201);
    const all = JSON.stringify(await records());
    expect(all).toContain('somebody logs a body by mistake');
    expect(all).not.toContain('canary');
  });

  it('does not mention those who watch', async () => {
    await httpCall(port, 'GET', '/health/live', { 'x-request-id': 'req-live' });
    await httpCall(port, 'GET', '/probe/1', { 'x-request-id': 'req-after' });
    const ids = (await records()).map(({ requestId }) => requestId);
    expect(ids).toContain('req-after');
    expect(ids).not.toContain('req-live');
  });
});
