import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import pg from 'pg';
import { ReadinessState } from '../../src/health/readiness-state.js';
import { LogService } from '../../src/logging/log.service.js';
import { StdoutWriter } from '../../src/logging/stdout-writer.js';
import { TestApp } from '../support/app.js';
import { createTestDatabase, temporaryFolder } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { httpCall } from '../support/http-call.js';
import { ScriptedOpenAi } from '../support/scripted-openai.js';

const portOf = (app: TestApp): number => Number(new URL(app.url).port);

async function query(app: TestApp, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: app.database.url });
  await client.connect();
  await client.query(sql);
  await client.end();
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

describe('health', () => {
  let app: TestApp;

  const statusOf = async (path: string) => (await httpCall(portOf(app), 'GET', path)).status;
  const readinessOf = async () => {
    const { status, text } = await httpCall(portOf(app), 'GET', '/health/ready');
    return [status, JSON.parse(text) as unknown];
  };

  afterEach(() => app.close());

  it('is 200 on all its addresses while this node can serve', async () => {
    app = await TestApp.start();
    for (const path of ['/health', '/api/health', '/health/live', '/health/ready'])
      expect(await statusOf(path)).toBe(200);
    const { text } = await httpCall(portOf(app), 'GET', '/health');
    expect(JSON.parse(text)).toMatchObject({
      status: 'ok',
      environment: 'test',
      version: expect.any(String),
      uptime: expect.any(Number),
      checks: { database: { status: 'ok', pendingMigrations: 0 }, assistant: { status: 'ok' } },
    });
  });

  it('is 503 on a database that the migrations have not reached', async () => {
    app = await TestApp.start();
    await query(app, 'UPDATE _prisma_migrations SET finished_at = NULL');
    expect(await readinessOf()).toEqual([503, { ready: false, reasons: ['database'] }]);
    expect(await statusOf('/health')).toBe(503);
  });

  it('is 503 while the database is away, but the process counts as alive', async () => {
    app = await TestApp.start();
    await app.database.drop();
    const answer = await httpCall(portOf(app), 'GET', '/health');
    expect([answer.status, answer.headers['retry-after']]).toEqual([503, '1']);
    expect(JSON.parse(answer.text)).toMatchObject({ status: 'error', checks: { database: { status: 'error' } } });
    expect(answer.text).not.toContain('parley_');
    expect(await readinessOf()).toEqual([503, { ready: false, reasons: ['database'] }]);
    expect(await statusOf('/health/live')).toBe(200);
  });

  it('is a typed 503 for everything that needs the database while that is away', async () => {
    app = await TestApp.start();
    const person = await app.person();
    const client = await person.socket();
    const sessionId = await person.session();
    await app.database.drop();
    const answers = [
      await person.get('/sessions'),
      await person.post('/sessions', {}),
      await person.post('/messages', { sessionId, role: 'user', content: 'hello' }),
      await person.post('/auth/login', { email: person.email, password: person.password }),
    ];
    for (const { status, headers, body } of answers) {
      expect([status, headers.get('retry-after')]).toEqual([503, '1']);
      expect(body).toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
    }
    expect(await client.command('message:send', { sessionId, content: 'hello' })).toMatchObject({
      ok: false,
      error: { code: 'DATABASE_UNAVAILABLE' },
    });
    person.closeSockets();
  });

  it('is 503 while draining; new work is refused, reads are served and connections end', async () => {
    app = await TestApp.start();
    const person = await app.person();
    app.get(ReadinessState).drain();
    expect(await statusOf('/health')).toBe(503);
    expect(await readinessOf()).toEqual([503, { ready: false, reasons: ['draining'] }]);
    expect(await statusOf('/health/live')).toBe(200);
    const work = await person.post('/sessions', {});
    expect([work.status, work.headers.get('retry-after')]).toEqual([503, '1']);
    expect(work.body).toMatchObject({ code: 'SERVER_DRAINING' });
    const read = await person.get('/sessions');
    expect([read.status, read.headers.get('connection')]).toEqual([200, 'close']);
  });

  it('keeps taking what ends work while draining: stops and sign-outs', async () => {
    const model = await ScriptedOpenAi.start();
    model.script({ deltas: ['a beginning'], ending: 'stall' });
    app = await TestApp.start({ OPENAI_BASE_URL: model.baseUrl });
    const [person, other] = [await app.person(), await app.person()];
    const sessionId = await person.session();
    await person.post('/messages', { sessionId, role: 'user', content: 'go on for ever' });
    const answer = await eventually(async () =>
      (await person.messages(sessionId)).find(({ content }) => content === 'a beginning'),
    );
    app.get(ReadinessState).drain();
    expect((await person.post(`/sessions/${sessionId}/stop`)).status).toBe(200);
    expect((await person.messages(sessionId)).at(-1)).toMatchObject({ content: 'a beginning', status: 'stopped' });
    expect((await person.post(`/messages/${answer.id}/stop`)).status).toBe(200);
    expect((await person.post('/messages/stop', {})).status).toBe(503);
    expect((await person.post('/auth/logout')).status).toBe(204);
    expect((await other.post('/api/v1/auth/logout')).status).toBe(200);
    await model.stop();
  });
});

describe('metrics', () => {
  let app: TestApp;
  afterEach(() => app.close());

  const read = async (headers = {}, port = portOf(app)) => httpCall(port, 'GET', '/metrics', headers);

  it('are Prometheus text by default, with one series for each route, not for each path', async () => {
    app = await TestApp.start();
    const person = await app.person();
    for (let n = 0; n < 3; n++) await person.get(`/sessions/${await person.session()}`);
    await person.get('/no/such/path');
    await person.post('/messages', { sessionId: await person.session(), role: 'assistant', content: 'stored only' });
    const { status, headers, text } = await read();
    expect([status, headers['content-type']]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8']);
    const lines = text.split('\n');
    for (const line of [
      'parley_http_request_duration_seconds_count{method="GET",route="/sessions/:id",status="200"} 3',
      'parley_http_request_duration_seconds_count{method="GET",route="none",status="404"} 1',
      'parley_messages_appended_total{role="assistant"} 1',
      'parley_db_connections{state="waiting"} 0',
    ])
      expect(lines).toContain(line);
    expect(text).toMatch(/^parley_db_connections\{state="idle"\} [1-9]/m);
    expect(text).toMatch(/^nodejs_eventloop_lag_p99_seconds /m);
  });

  it('are JSON for who accepts that', async () => {
    app = await TestApp.start();
    const { text, headers } = await read({ accept: 'application/json' });
    expect(headers['content-type']).toBe('application/json; charset=utf-8');
    expect(JSON.parse(text)).toMatchObject({
      activeConnections: 0,
      memoryUsage: { rss: expect.any(Number) },
      uptime: expect.any(Number),
      timestamp: expect.any(String),
    });
  });

  it('are on their own port alone when there is one, behind the token that is set', async () => {
    const metricsPort = await freePort();
    app = await TestApp.start({ METRICS_PORT: String(metricsPort), METRICS_TOKEN: 'let-me-see' });
    const authorization = 'Bearer let-me-see';
    expect((await read({ authorization })).status).toBe(404);
    expect((await read({}, metricsPort)).status).toBe(401);
    expect((await read({ authorization: 'Bearer let-me-in' }, metricsPort)).status).toBe(401);
    expect((await read({ authorization }, metricsPort)).status).toBe(200);
    expect((await httpCall(metricsPort, 'GET', '/sessions')).status).toBe(404);
  });

  it('ask for the token on the main port, too', async () => {
    app = await TestApp.start({ METRICS_TOKEN: 'let-me-see' });
    expect((await read()).status).toBe(401);
    expect((await read({ authorization: 'Bearer let-me-see' })).status).toBe(200);
  });

  it('are absent when switched off', async () => {
    app = await TestApp.start({ ENABLE_METRICS: 'false' });
    expect((await read()).status).toBe(404);
  });
});

describe('the log', () => {
  const LOG_FILE = join(temporaryFolder('log-'), 'app.log');
  const SECRETS = {
    JWT_SECRET: 'canary-jwt-secret-0123456789-0123456789',
    OPENAI_API_KEY: 'canary-openai-key',
    OPENAI_BASE_URL: 'http://127.0.0.1:9/v1',
    ADMIN_EMAIL: 'admin@example.com',
    ADMIN_PASSWORD: 'canary-admin-password',
    METRICS_TOKEN: 'canary-metrics-token',
  };
  let app: TestApp;

  beforeAll(async () => {
    jest.spyOn(StdoutWriter.prototype, 'write').mockImplementation(() => undefined);
    app = await TestApp.start({ LOG_LEVEL: 'trace', LOG_FILE, AI_FIRST_BYTE_TIMEOUT_MS: '200', ...SECRETS });
  });
  afterAll(async () => {
    await app.close();
    jest.restoreAllMocks();
  });

  const text = async () => {
    await app.get(LogService).flush();
    return readFileSync(LOG_FILE, 'utf8');
  };
  const linesOf = async (id: string) =>
    (await text())
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .filter(({ requestId }) => requestId === id);

  it('has one line for a request, without query, with the id that the answer carries', async () => {
    const path = '/health/live?ticket=canary-ticket&prompt=canary-prompt';
    const { headers } = await httpCall(portOf(app), 'GET', path, { 'x-request-id': 'req-live' });
    expect(headers['x-request-id']).toBe('req-live');
    const lines = await linesOf('req-live');
    expect(lines).toEqual([
      expect.objectContaining({ level: 'trace', msg: 'request', method: 'GET', path: '/health/live', status: 200 }),
    ]);
  });

  it('tells the cause of a failure that the client is told nothing about', async () => {
    const person = await app.person();
    await query(app, 'ALTER TABLE groups RENAME TO groups_away');
    const answer = await person.get('/groups', { 'x-request-id': 'req-boom' });
    await query(app, 'ALTER TABLE groups_away RENAME TO groups');
    expect(answer.status).toBe(500);
    expect(answer.body).toEqual({
      statusCode: 500,
      error: 'Internal Server Error',
      code: 'INTERNAL',
      message: 'Something went wrong on our side.',
      requestId: 'req-boom',
    });
    const [failure, request] = await linesOf('req-boom');
    expect(failure).toMatchObject({ level: 'error', err: { stack: expect.stringContaining('groups.repository') } });
    expect(request).toMatchObject({ level: 'info', status: 500, userId: person.id });
    expect(request).not.toHaveProperty('err');
  });

  it('holds no secret of people and of the server at its most talkative', async () => {
    const person = await app.person();
    await person.post('/auth/login', { email: 'canary@example.com', password: 'canary-password' });
    await person.post('/auth/refresh', { refreshToken: person.refreshToken });
    await person.post('/auth/refresh', { refreshToken: 'canary-refresh' });
    await person.get('/auth/me', { authorization: 'Bearer canary-access', cookie: 'sid=canary-cookie' });
    await person.get('/sse/sessions/1/stream?ticket=canary-ticket');
    await person.post('/messages', { sessionId: await person.session(), role: 'user', content: 'canary-content' });
    new Logger('Careless').log({
      msg: 'a body by mistake',
      body: { password: 'canary-p', nested: [{ token: 'canary-t' }] },
    });
    new Logger('Careless').error(`${SECRETS.OPENAI_API_KEY} and ${SECRETS.JWT_SECRET} in a text`);
    const logged = await text();
    expect(logged).toContain('a body by mistake');
    expect(logged).not.toContain('canary-');
    expect(logged).not.toContain(person.token as string);
    expect(logged).not.toContain(person.refreshToken);
  });

  it('keeps hostile text inside of one record', async () => {
    new Logger('Here').warn('one\n{"level":"fatal","requestId":"req-forged"}\r\n\u001b[2Jtwo');
    expect(await linesOf('req-forged')).toEqual([]);
    for (const line of (await text()).trim().split('\n')) expect(JSON.parse(line)).toHaveProperty('level');
  });
});

describe('a metrics port that is taken', () => {
  it('ends the start', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const database = await createTestDatabase();
    const { port } = taken.address() as AddressInfo;
    await expect(TestApp.start({ METRICS_PORT: String(port) }, database)).rejects.toMatchObject({ code: 'EADDRINUSE' });
    taken.close();
    await database.drop();
  });
});
