import type { OutgoingHttpHeaders, Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { once } from 'node:events';
import { Body, Controller, Get, Module, Post, Res } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Response } from 'express';
import { configureBodies } from '../../src/common/http/body-limits.js';
import { corsFor } from '../../src/common/http/cors.js';
import { ErrorFilter, type ErrorBody } from '../../src/common/http/error.filter.js';
import { HTTP_LIMITS, LimitedExpressAdapter } from '../../src/common/http/http-adapter.js';
import { assignRequestId } from '../../src/common/http/request-id.js';
import { configureSecurityHeaders } from '../../src/common/http/security-headers.js';
import { AppConfig } from '../../src/config/app-config.js';
import { httpCall, type HttpAnswer } from '../support/http-call.js';
import { Stopwatch } from '../support/stopwatch.js';

@Controller()
class ProbeController {
  @Post('echo')
  echo(@Body() body: unknown): { body: unknown } {
    return { body };
  }

  @Get('boom')
  boom(): never {
    throw new Error('canary-internal-detail');
  }

  @Get('half')
  half(@Res() response: Response): never {
    response.write('the first half');
    throw new Error('too late');
  }
}

@Module({ controllers: [ProbeController] })
class ProbeModule {}

describe('the HTTP front', () => {
  let app: NestExpressApplication;
  let port: number;

  beforeAll(async () => {
    const config = AppConfig.from({ NODE_ENV: 'test', ALLOWED_ORIGINS: 'https://good.example' });
    const limits = { ...HTTP_LIMITS, headersTimeout: 200, requestTimeout: 400, connectionsCheckingInterval: 50 };
    app = await NestFactory.create<NestExpressApplication>(ProbeModule, new LimitedExpressAdapter(limits), {
      bodyParser: false,
      logger: false,
    });
    app.use(assignRequestId);
    configureSecurityHeaders(app, config);
    app.use(corsFor(config));
    configureBodies(app);
    app.useGlobalFilters(new ErrorFilter());
    await app.listen(0, '127.0.0.1');
    port = (app.getHttpServer().address() as AddressInfo).port;
  });

  afterAll(async () => {
    const server = app.getHttpServer() as Server;
    server.closeAllConnections();
    await app.close();
  });

  const call = (method: string, path: string, headers: OutgoingHttpHeaders = {}, body?: string | Buffer) =>
    httpCall(port, method, path, headers, body);

  const postJson = (body: string | Buffer, type = 'application/json') =>
    call('POST', '/echo', { 'content-type': type, 'content-length': Buffer.byteLength(body) }, body);

  const errorOf = (answer: HttpAnswer) => JSON.parse(answer.text) as ErrorBody;

  it('takes a body of 64 KB and refuses one byte more with 413', async () => {
    const ofSize = (bytes: number) => JSON.stringify('x'.repeat(bytes - 2));
    expect((await postJson(ofSize(65_536))).status).toBe(201);
    const refused = await postJson(ofSize(65_537));
    expect(refused.status).toBe(413);
    expect(errorOf(refused).code).toBe('PAYLOAD_TOO_LARGE');
  });

  it('refuses a body nested 33 deep, and one nested 40 000 deep without noticing the load', async () => {
    expect((await postJson('['.repeat(32) + ']'.repeat(32))).status).toBe(201);
    expect((await postJson('['.repeat(33) + ']'.repeat(33))).status).toBe(400);
    const watch = new Stopwatch();
    const deep = await postJson('['.repeat(40_000));
    expect(watch.ms()).toBeLessThan(500);
    expect([deep.status, errorOf(deep).code]).toEqual([400, 'VALIDATION_FAILED']);
  });

  it('does not count brackets inside of strings', async () => {
    expect((await postJson(JSON.stringify({ text: '[{"\\'.repeat(1_000) }))).status).toBe(201);
  });

  it.each([
    ['broken JSON', '{"a":', 'INVALID_JSON'],
    ['bytes that are not UTF-8', Buffer.from([0x22, 0xc3, 0x28, 0x22]), 'INVALID_JSON'],
  ])('refuses %s with 400', async (_what, body, code) => {
    const answer = await postJson(body);
    expect([answer.status, errorOf(answer).code]).toEqual([400, code]);
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'application/json; charset=utf-16', ''])(
    'refuses a body of type "%s" with 415',
    async (type) => {
      const answer = await postJson('{"a":1}', type);
      expect([answer.status, errorOf(answer).code]).toEqual([415, 'UNSUPPORTED_MEDIA_TYPE']);
    },
  );

  it('asks for no type where there is no body', async () => {
    expect((await call('POST', '/echo')).status).toBe(201);
  });

  it('says nothing about an unknown failure but its request id', async () => {
    const answer = await call('GET', '/boom', { 'x-request-id': 'sane-id_1.2' });
    expect(answer.status).toBe(500);
    expect(errorOf(answer)).toEqual({
      statusCode: 500,
      error: 'Internal Server Error',
      code: 'INTERNAL',
      message: 'Something went wrong on our side.',
      requestId: 'sane-id_1.2',
    });
    expect(answer.headers['x-request-id']).toBe('sane-id_1.2');
  });

  it.each(['a'.repeat(65), 'spaces are odd', 'quote"'])(
    'makes a request id of its own instead of %j',
    async (given) => {
      const { headers } = await call('GET', '/nowhere', { 'x-request-id': given });
      expect(headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
    },
  );

  it('cuts the connection when half of the answer is out already', async () => {
    await expect(call('GET', '/half')).rejects.toThrow(/aborted|hang up|reset/i);
  });

  it.each([
    ['https://good.example', 404],
    ['https://evil.example', 403],
    ['null', 403],
    ['https://good.example.evil.com', 403],
    ['https://evilgood.example', 403],
    ['http://good.example', 403],
    ['https://good.example:8443', 403],
    ['http://localhost:5173', 403],
  ])('lets a page of %s see status %i', async (origin, status) => {
    const { headers, ...answer } = await call('GET', '/nowhere', { origin });
    expect(answer.status).toBe(status);
    expect(headers['access-control-allow-origin']).toBe(status === 403 ? undefined : origin);
    expect(headers.vary).toContain('Origin');
  });

  it('lets its own pages in', async () => {
    expect((await call('GET', '/nowhere', { origin: `http://127.0.0.1:${port}` })).status).toBe(404);
  });

  it('answers the preflight of an allowed origin only', async () => {
    const preflight = (origin: string) =>
      call('OPTIONS', '/echo', {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization',
      });
    const good = await preflight('https://good.example');
    expect(good.status).toBe(204);
    expect(good.headers['access-control-allow-headers']).toBe('authorization');
    const evil = await preflight('https://evil.example');
    expect(errorOf(evil).code).toBe('ORIGIN_NOT_ALLOWED');
    expect(evil.headers['access-control-allow-methods']).toBeUndefined();
  });

  it('tells browsers to run, frame, sniff and keep nothing', async () => {
    const { headers } = await call('GET', '/nowhere');
    expect(headers).toMatchObject({
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
    });
    expect(headers).not.toHaveProperty('strict-transport-security');
    expect(headers).not.toHaveProperty('x-powered-by');
  });

  it('insists on https only where people come by it', async () => {
    const secure = await NestFactory.create<NestExpressApplication>(ProbeModule, { logger: false });
    configureSecurityHeaders(secure, { isProduction: true, publicUrl: 'https://chat.example' });
    await secure.listen(0, '127.0.0.1');
    const { headers } = await httpCall((secure.getHttpServer().address() as AddressInfo).port, 'GET', '/nowhere');
    await secure.close();
    expect(headers['strict-transport-security']).toBe('max-age=31536000; includeSubDomains');
  });

  async function closedAfter(sent: string): Promise<{ ms: number; text: string }> {
    const socket: Socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    const started = performance.now();
    socket.write(sent);
    let text = '';
    socket.on('data', (chunk) => (text += chunk.toString()));
    await once(socket, 'close');
    return { ms: performance.now() - started, text };
  }

  it('closes a connection that never ends its headers or its body', async () => {
    const head = 'POST /echo HTTP/1.1\r\nHost: x\r\n';
    const slowHead = await closedAfter(head);
    expect(slowHead.ms).toBeLessThan(2_000);
    const slowBody = await closedAfter(`${head}Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{"a`);
    expect(slowBody.ms).toBeLessThan(2_000);
  });

  it('refuses headers beyond 16 KB', async () => {
    expect((await call('GET', '/', { 'x-large': 'x'.repeat(17_000) })).status).toBe(431);
    expect((await call('GET', `/?${'x'.repeat(17_000)}`, { 'x-large': 'x'.repeat(17_000) })).status).toBe(431);
    expect((await call('GET', `/?${'x'.repeat(120_000)}`)).status).toBe(431);
  });
});
