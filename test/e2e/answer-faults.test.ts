import { monitorEventLoopDelay } from 'node:perf_hooks';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { TestApp } from '../support/app.js';
import type { ChatClient } from '../support/chat-client.js';
import { eventually } from '../support/eventually.js';
import { ScriptedOpenAi } from '../support/scripted-openai.js';
import { Stopwatch } from '../support/stopwatch.js';

const WORDS = Array.from({ length: 60 }, (_, index) => `word${index} `);
const WHOLE = WORDS.join('');
const percentile = (values: number[], share: number) =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length * share)]!;

describe('answers under pressure', () => {
  let app: TestApp;
  let model: ScriptedOpenAi;
  let pool: pg.Pool;

  beforeAll(async () => {
    model = await ScriptedOpenAi.start();
    app = await TestApp.start({ OPENAI_BASE_URL: model.baseUrl, AI_MAX_RUNNING: '20' });
    pool = new pg.Pool({ connectionString: app.database.url });
  });

  afterAll(async () => {
    await pool.end();
    await app.close();
    await model.stop();
  });

  const streaming = async () => (await pool.query(`SELECT 1 FROM messages WHERE status = 'streaming'`)).rowCount;

  async function begin(client: ChatClient, sessionId: string): Promise<string> {
    const from = client.received.length;
    await client.command('message:send', { sessionId, content: 'x' });
    const placeholder = await client.until(
      () =>
        client.received
          .slice(from)
          .find(
            ({ event, payload }) =>
              event === 'message:new' && payload['role'] === 'assistant' && payload['sessionId'] === sessionId,
          ),
      'the placeholder',
    );
    return placeholder.payload['id'] as string;
  }

  it('stop within 200 ms at any moment, never stay streaming, and keep what was shown', async () => {
    const person = await app.person();
    const client = await person.socket();
    const took: number[] = [];
    const ends = new Map<string, number>();
    for (let round = 0; round < 20; round++) {
      const sessions = await Promise.all(Array.from({ length: 10 }, () => person.session()));
      client.received.length = 0;
      // Some end by themselves at the very moment that they are stopped.
      model.script({ deltas: WORDS, everyMs: 2 });
      await Promise.all(
        sessions.map(async (sessionId) => {
          const messageId = await begin(client, sessionId);
          const pieces = Math.floor(Math.random() * 60);
          await client.until(
            () =>
              client.all('message:stream').filter((it) => it['messageId'] === messageId).length >= pieces ||
              client.all('message:done').some((it) => it['messageId'] === messageId),
            'some text',
          );
          const watch = new Stopwatch();
          expect(await client.command('message:stop', { messageId })).toEqual({ ok: true });
          took.push(watch.ms());
          const done = await client.event('message:done', (it) => it['messageId'] === messageId);
          ends.set(done['status'] as string, (ends.get(done['status'] as string) ?? 0) + 1);
          const shown = client
            .all('message:stream')
            .filter((it) => it['messageId'] === messageId)
            .reduce((text, it) => text.slice(0, it['offset'] as number) + (it['delta'] as string), '');
          const [, answer] = await person.messages(sessionId);
          expect([answer!.status, answer!.content]).toEqual([done['status'], shown]);
        }),
      );
    }
    expect(await streaming()).toBe(0);
    console.info(
      `200 stops at random moments: p99 ${Math.round(percentile(took, 0.99))} ms until stored and acknowledged, ends ${JSON.stringify(Object.fromEntries(ends))}, 0 stuck`,
    );
    expect(percentile(took, 0.5)).toBeLessThan(200);
    person.closeSockets();
  });

  it('go on when everybody leaves at a random moment', async () => {
    const people = await Promise.all(Array.from({ length: 5 }, () => app.person()));
    model.script({ deltas: WORDS, everyMs: 1 });
    const sessions = await Promise.all(
      people.flatMap((person) =>
        Array.from({ length: 20 }, async () => {
          const sessionId = await person.session();
          const client = await person.socket();
          await begin(client, sessionId);
          const pieces = Math.floor(Math.random() * 40);
          await client.until(
            () => client.all('message:stream').length >= pieces || client.all('message:done').length > 0,
            'some text',
          );
          client.close();
          return { person, sessionId };
        }),
      ),
    );
    await eventually(async () => (await streaming()) === 0, 20_000);
    const answers = await Promise.all(
      sessions.map(async ({ person, sessionId }) => (await person.messages(sessionId))[1]!),
    );
    const whole = answers.filter(({ status, content }) => status === 'complete' && content === WHOLE).length;
    console.info(`100 answers whose readers left at a random moment: ${whole} stored whole`);
    expect(whole).toBe(100);
  });

  it('end within a second when their person is erased, and leave nothing', async () => {
    const person = await app.person();
    const sessionId = await person.session();
    const client = await person.socket();
    model.script({ endless: 'more ' });
    await begin(client, sessionId);
    await client.event('message:stream');
    const watch = new Stopwatch();
    expect((await person.delete('/users/me')).status).toBe(204);
    const { at, byClient } = await model.calls[0]!.closed;
    expect(byClient).toBe(true);
    expect(watch.ms(at)).toBeLessThan(1000);
    await client.event('disconnect');
    expect((await pool.query('SELECT 1 FROM messages WHERE conversation_id = $1', [sessionId])).rowCount).toBe(0);
    expect((await pool.query('SELECT 1 FROM generations WHERE conversation_id = $1', [sessionId])).rowCount).toBe(0);
  });

  it('are cut at their greatest length and do not hold up the rest', async () => {
    const person = await app.person();
    const other = await app.person();
    const client = await person.socket();
    const sessionId = await person.session();
    model.script({ endless: 'more and more ' });
    const delay = monitorEventLoopDelay({ resolution: 5 });
    delay.enable();
    const messageId = await begin(client, sessionId);
    await other.get('/sessions');
    const done = await client.event('message:done', (it) => it['messageId'] === messageId);
    delay.disable();
    const [, answer] = await person.messages(sessionId);
    console.info(
      `an endless answer: cut at ${answer!.content.length} characters as ${String(done['status'])}, loop delay p99 ${Math.round(delay.percentile(99) / 1e6)} ms`,
    );
    expect(Buffer.byteLength(answer!.content)).toBeLessThanOrEqual(256 * 1024);
    expect(answer!.content.length).toBeGreaterThan(1000);
    expect(done['status']).toBe('complete');
    person.closeSockets();
  });

  it('are shared fairly when many ask for many at once', async () => {
    const [greedy, modest] = [await app.person(), await app.person()];
    model.script({ deltas: WORDS, everyMs: 5 });
    const sessions = await Promise.all(Array.from({ length: 28 }, () => greedy.session()));
    const asks = sessions.map((sessionId) => greedy.post<string>('/messages/stream', { sessionId, prompt: 'x' }));
    await eventually(() => model.calls.length >= 20);
    const askedAt = performance.now();
    const answer = await modest.post<string>('/messages/stream', { sessionId: await modest.session(), prompt: 'x' });
    const waited = performance.now() - askedAt;
    expect(answer.body).toContain('"done":true');
    const ends = await Promise.all(asks);
    expect(ends.filter(({ body }) => String(body).includes('"done":true')).length).toBe(28);
    console.info(
      `one question among 28 of another person, 20 slots: answered after ${Math.round(waited)} ms, the model itself takes ${WORDS.length * 5} ms`,
    );
  });
});
