import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ChatClient } from '../support/chat-client.js';
import { createTestDatabase, temporaryFolder, type TestDatabase } from '../support/database.js';
import { Person, Rest } from '../support/person.js';
import { ScriptedOpenAi } from '../support/scripted-openai.js';
import { ServerProcess } from '../support/server-process.js';
import { SseClient } from '../support/sse-client.js';

/** Secrets of the configuration that no rule of the log knows by their form. */
const SECRETS = {
  JWT_SECRET: 'canary jwt secret of 32 bytes and more',
  ADMIN_PASSWORD: 'canary-admin-password',
  OPENAI_API_KEY: 'canary-openai-key',
  GOOGLE_CLIENT_SECRET: 'canary-google-secret',
  METRICS_TOKEN: 'canary-metrics-token',
  TELEGRAM_BOT_TOKEN: '123456789:canary-telegram-token_of_the_bot',
  TELEGRAM_WEBHOOK_SECRET: 'canary-webhook-secret',
};

describe('what the server writes down at its most talkative', () => {
  let database: TestDatabase;
  let model: ScriptedOpenAi;
  let server: ServerProcess;
  const canaries: string[] = Object.values(SECRETS);
  const bodies: string[] = [];
  const logFile = join(temporaryFolder('log-'), 'parley.log');

  beforeAll(async () => {
    database = await createTestDatabase();
    model = await ScriptedOpenAi.start();
    model.script(
      { deltas: ['fine'] },
      // What the real one answers to a wrong key: it shows it.
      { status: 401, body: { error: { message: `Incorrect API key provided: ${SECRETS.OPENAI_API_KEY}` } } },
      { deltas: ['half'], ending: 'reset' },
    );
    const dsn = new URL(database.url);
    canaries.push(dsn.password);
    expect(dsn.password.length).toBeGreaterThan(5);
    server = await ServerProcess.start({
      ...SECRETS,
      LOG_LEVEL: 'trace',
      LOG_FILE: logFile,
      DATABASE_URL: database.url,
      ADMIN_EMAIL: 'admin@example.com',
      GOOGLE_CLIENT_ID: 'client',
      OPENAI_BASE_URL: model.baseUrl,
      RATE_LIMIT_MS: '0',
    });
  });
  afterAll(async () => {
    server.signal('SIGKILL');
    await server.exit;
    await model.stop();
    await database.drop();
  });

  /** Remembers what was answered, and hands it on. */
  async function noted<T extends { body: unknown }>(answer: Promise<T>): Promise<T> {
    const known = await answer;
    bodies.push(JSON.stringify(known.body) ?? '');
    return known;
  }

  async function liveThrough(): Promise<void> {
    const { url } = server;
    const password = 'canary-password-of-a-person';
    const person = await Person.register(url, 'person@example.com', password);
    const rest = new Rest(url);
    const refreshed = (
      await rest.post<{ accessToken: string; refreshToken: string }>('/auth/refresh', {
        refreshToken: person.refreshToken,
      })
    ).body;
    const { ticket } = (await person.post<{ ticket: string }>('/sse/ticket')).body;
    canaries.push(password, person.token ?? '', person.refreshToken, ...Object.values(refreshed).slice(0, 2), ticket);

    const sessionId = await person.session();
    const tail = await SseClient.open(`${url}/sse/sessions/${sessionId}/stream?ticket=${ticket}`);
    const socket = await ChatClient.connect(url, `Bearer ${person.token}`);
    for (const content of ['fine?', 'wrong key?', 'broken?'])
      await noted(person.post('/messages/stream', { sessionId, prompt: content }));
    await socket.command('auth:refresh', { token: refreshed.accessToken });
    await socket.command('auth:refresh', { token: `${refreshed.accessToken}x` });
    await socket.command('auth:refresh', { token: { of: refreshed.accessToken } });
    await ChatClient.connect(url, `${person.token}x`).catch((error: unknown) => bodies.push(JSON.stringify(error)));

    await noted(rest.post('/auth/login', { email: 'person@example.com', password: `${password}!` }));
    await noted(rest.post('/auth/login', { email: 'person@example.com', password, extra: password }));
    await noted(rest.post('/auth/register', { email: 'person@example.com', password }));
    await noted(rest.call('POST', '/auth/login', `{"password":"${password}"`));
    await noted(rest.post('/api/v1/auth/login', { email: ['x'], password }));
    await noted(rest.post('/auth/refresh', { refreshToken: person.refreshToken, token: refreshed.accessToken }));
    await noted(rest.get(`/sse/sessions/${sessionId}/stream?ticket=${ticket}`));
    await noted(rest.get(`/auth/google/callback?code=${ticket}&state=${ticket}`));
    await noted(rest.get(`/sessions?token=${person.token}&password=${password}`));
    await noted(rest.get(`/no/such/path?access_token=${person.token}`, { authorization: `Bearer ${ticket}` }));
    await noted(rest.get('/metrics', { authorization: `Bearer ${SECRETS.METRICS_TOKEN}!` }));
    await noted(rest.get('/config.json'));
    await noted(rest.get('/health'));

    // Whatever is said about a database that is gone names it at the most.
    await database.drop();
    await noted(person.get(`/sessions/${sessionId}`));
    await noted(rest.post('/auth/login', { email: 'person@example.com', password }));
    await noted(rest.get('/health'));
    tail.close();
    socket.close();
  }

  it('is none of the secrets that went through it, in no form, and neither are its answers', async () => {
    await liveThrough();
    await server.stop();
    const written = { stdout: server.output, file: readFileSync(logFile, 'utf8'), answers: bodies.join('\n') };
    expect(written.stdout.split('\n').length).toBeGreaterThan(30);
    for (const [where, text] of Object.entries(written)) {
      const found = canaries.flatMap((secret) =>
        [secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64')].filter((form) =>
          text.includes(form),
        ),
      );
      expect({ where, found }).toEqual({ where, found: [] });
    }
  });

  it('is one record of JSON a line', () => {
    const broken = readFileSync(logFile, 'utf8')
      .trimEnd()
      .split('\n')
      .filter((line) => {
        try {
          return typeof (JSON.parse(line) as { level: unknown }).level !== 'string';
        } catch {
          return true;
        }
      });
    expect(broken).toEqual([]);
  });
});
