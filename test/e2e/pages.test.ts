import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { httpCall } from '../support/http-call.js';
import { TestApp } from '../support/app.js';

const SECRET = 'a-google-secret-that-nobody-may-see';

describe('the pages', () => {
  let app: TestApp;
  let port: number;

  beforeAll(async () => {
    app = await TestApp.start({ GOOGLE_CLIENT_ID: 'a-client-id', GOOGLE_CLIENT_SECRET: SECRET });
    port = Number(new URL(app.url).port);
  });

  afterAll(() => app.close());

  it.each([
    '/',
    '/desk',
    '/assets/desk/main.js',
    '/assets/playground/main.js',
    '/assets/common/css/tokens.css',
    '/vendor/preact.js',
    '/vendor/socket.io.js',
  ])('serves %s with a strict policy, and answers 304 to those who have it', async (path) => {
    const first = await httpCall(port, 'GET', path);
    expect(first.status).toBe(200);
    expect(first.headers['content-security-policy']).toContain("default-src 'self'");
    expect(first.headers['content-type']).toMatch(/html|javascript|css/);
    expect(first.headers['cache-control']).not.toContain('no-store');
    const again = await httpCall(port, 'GET', path, { 'if-none-match': String(first.headers['etag']) });
    expect(again.status).toBe(304);
    expect(again.text).toBe('');
  });

  it.each([
    '/assets/../package.json',
    '/assets/%2e%2e/package.json',
    '/assets/..%2fpackage.json',
    '/assets/%2e%2e%2fsrc%2fmain.ts',
    '/assets/common/..%5c..%5c..%5cpackage.json',
    '/assets/.%00/x.js',
    '/assets/common',
    '/assets/nothing.js',
    '/vendor/other.js',
  ])('gives nothing but 404 (or 400) for %s', async (path) => {
    const answer = await httpCall(port, 'GET', path);
    expect([400, 404]).toContain(answer.status);
    expect(JSON.parse(answer.text)).toMatchObject({ code: expect.any(String), requestId: expect.any(String) });
  });

  it('tells the pages what they need to know, and no secret', async () => {
    const answer = await httpCall(port, 'GET', '/config.json');
    expect(JSON.parse(answer.text)).toEqual({
      version: expect.any(String),
      googleSignIn: true,
      docs: true,
      assistant: { provider: 'echo', model: 'echo' },
    });
    expect(answer.text).not.toContain(SECRET);
  });
});
