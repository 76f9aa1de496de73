import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import type { MessageResponse } from '../../src/messages/dto/message.response.dto.js';
import { Crowd } from '../support/crowd.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { OwnPostgres } from '../support/own-postgres.js';
import { Person } from '../support/person.js';
import { ScriptedOpenAi } from '../support/scripted-openai.js';
import { ServerProcess } from '../support/server-process.js';

/** `ROUNDS=30 npm run test:one -- test/e2e/crash.test.ts` for the long form. */
const ROUNDS = Number(process.env['ROUNDS'] ?? 2);
const WORDS = Array.from({ length: 1500 }, (_, index) => `word${index} `);
const WHOLE = WORDS.join('');
/** What a reader may have seen that the last checkpoint does not hold yet. */
const CHECKPOINT_MS = 500;

describe('a server that goes down', () => {
  let model: ScriptedOpenAi;
  let database: TestDatabase;
  let pool: pg.Pool;
  let crowd: Crowd | undefined;
  const servers: ServerProcess[] = [];

  beforeAll(async () => {
    model = await ScriptedOpenAi.start();
    database = await createTestDatabase();
    pool = new pg.Pool({ connectionString: database.url });
    pool.on('error', () => undefined);
  });

  afterEach(async () => {
    crowd?.leave();
    for (const server of servers.splice(0)) {
      server.signal('SIGKILL');
      await server.exit;
    }
  });

  afterAll(async () => {
    await pool.end();
    await database.drop();
    await model.stop();
  });

  async function aServer(overrides: Record<string, string> = {}): Promise<ServerProcess> {
    const server = await ServerProcess.start({
      DATABASE_URL: database.url,
      JWT_SECRET: 'the same secret for every life of this server',
      OPENAI_BASE_URL: model.baseUrl,
      RATE_LIMIT_MS: '0',
      AI_MAX_RUNNING_PER_USER: '100',
      AI_LEASE_MS: '3000',
      ...overrides,
    });
    servers.push(server);
    return server;
  }

  const streamingRows = async () =>
    (await pool.query<{ count: number }>(`SELECT count(*)::int FROM messages WHERE status = 'streaming'`)).rows[0]!
      .count;

  it('leaves nothing streaming and loses nothing that was shown or acknowledged when it is killed in mid-answer', async () => {
    const figures = { answers: 0, stuckBefore: 0, stuckAfter: 0, unsafe: 0, lost: 0, missing: 0, slowestMs: 0 };
    for (let round = 0; round < ROUNDS; round++) {
      model.script({ deltas: WORDS, everyMs: 5 });
      const server = await aServer();
      crowd = await Crowd.gather(server.url, { people: 10, sessions: 10, name: `kill${round}` });
      await crowd.ask('a long one');
      await eventually(() => crowd!.sessions.every(({ shown }) => shown.length > 3), 20_000);
      // The moment is as random as the machine is.
      await eventually(
        () => crowd!.sessions.every(({ shown }) => (shown.at(-1)?.text.length ?? 0) > 200 + Math.random() * 3000),
        20_000,
      );
      const killedAt = performance.now();
      server.signal('SIGKILL');
      await server.exit;
      crowd.leave();

      figures.stuckBefore += await streamingRows();
      const { rows } = await pool.query<{ count: number }>(
        `SELECT count(*)::int FROM messages WHERE status = 'streaming' AND content = ''`,
      );
      figures.unsafe += rows[0]!.count;

      model.script({ deltas: ['again'] });
      const restartedAt = performance.now();
      const next = await aServer();
      await eventually(async () => (await streamingRows()) === 0, 15_000);
      figures.slowestMs = Math.max(figures.slowestMs, performance.now() - restartedAt);
      figures.stuckAfter += await streamingRows();
      await crowd.moveTo(next.url);
      for (const { person, sessionId, shown, acknowledged } of crowd.sessions) {
        const messages = await person.messages(sessionId);
        figures.answers++;
        if (!acknowledged.every((id) => messages.some((message) => message.id === id))) figures.missing++;
        const answer = messages.find(({ role }) => role === 'assistant');
        const due = shown.findLast(({ at }) => at <= killedAt - CHECKPOINT_MS)?.text ?? '';
        if (
          !answer ||
          !WHOLE.startsWith(answer.content) ||
          answer.content.length < due.length ||
          answer.status !== 'interrupted'
        )
          figures.lost++;
      }
      next.signal('SIGKILL');
      await next.exit;
    }
    console.info(
      `kill -9 of ${ROUNDS} servers with ${figures.answers} answers: ${figures.missing} acknowledged messages missing, ${figures.lost} texts shorter than shown ${CHECKPOINT_MS} ms before, ` +
        `${figures.stuckAfter} still streaming ${Math.round(figures.slowestMs)} ms after the restart began (control: without sweeper ${figures.stuckBefore}, without checkpoints ${figures.unsafe} empty texts)`,
    );
    expect(figures).toMatchObject({ missing: 0, lost: 0, stuckAfter: 0 });
    expect(figures.stuckBefore).toBe(figures.answers);
    expect(figures.unsafe).toBe(figures.answers);
  }, 600_000);

  it('begins an answer that it owed and never began', async () => {
    model.script({ before: 'stall' });
    const server = await aServer();
    crowd = await Crowd.gather(server.url, { people: 1, sessions: 1, name: 'owed' });
    await crowd.ask('are you there');
    await eventually(() => model.calls.length === 1);
    server.signal('SIGKILL');
    await server.exit;
    // As if it had died between the commit of the question and the start of its answer.
    const [{ sessionId, person }] = crowd.sessions as [(typeof crowd.sessions)[number]];
    await pool.query(`DELETE FROM messages WHERE conversation_id = $1 AND role = 'assistant'`, [sessionId]);
    await pool.query(`UPDATE conversations SET head = 1, answer_due_seq = 1, answer_due_at = now() WHERE id = $1`, [
      sessionId,
    ]);
    model.script({ deltas: ['yes'] });
    const next = await aServer();
    await crowd.moveTo(next.url);
    const answer = await eventually(
      async () =>
        (await person.messages(sessionId)).find(({ status, role }) => role === 'assistant' && status === 'complete'),
      15_000,
    );
    expect(answer).toMatchObject({ content: 'yes', seq: 2 });
  });

  it('asks once more for an answer of which nobody had seen a word, in the same message', async () => {
    model.script({ before: 'stall' });
    const server = await aServer();
    crowd = await Crowd.gather(server.url, { people: 1, sessions: 1, name: 'unseen' });
    await crowd.ask('are you there');
    const [{ sessionId, person, client }] = crowd.sessions as [(typeof crowd.sessions)[number]];
    const placeholder = await client.event('message:new', ({ role }) => role === 'assistant');
    server.signal('SIGKILL');
    await server.exit;
    model.script({ deltas: ['yes'] });
    const next = await aServer();
    await crowd.moveTo(next.url);
    const answer = await eventually(
      async () => (await person.messages(sessionId)).find(({ status }) => status === 'complete' && placeholder),
      15_000,
    );
    expect(answer).toBeDefined();
    await eventually(async () => (await person.messages(sessionId))[1]?.status === 'complete', 15_000);
    expect((await person.messages(sessionId)).map(({ id, content }) => [id === placeholder['id'], content])).toEqual([
      [false, 'are you there'],
      [true, 'yes'],
    ]);
    expect(model.calls).toHaveLength(1);
  });

  it('finishes what it can and stores the rest when it is told to stop', async () => {
    model.script({ deltas: WORDS.slice(0, 150), everyMs: 8 }, { endless: 'more ' }, { deltas: WORDS, everyMs: 20 });
    const server = await aServer({ SHUTDOWN_GRACE_MS: '2500' });
    crowd = await Crowd.gather(server.url, { people: 10, sessions: 10, name: 'term' });
    const { sessions } = crowd;
    await crowd.ask('a long one');
    await eventually(() => sessions.every(({ shown }) => shown.length > 1), 20_000);
    const toldAt = performance.now();
    server.signal('SIGTERM');
    const ready = eventually(async () => (await fetch(`${server.url}/health/ready`)).status === 503, 2_000);
    await ready;
    expect(await server.exit).toEqual({ code: 0, signal: null });
    const tookMs = performance.now() - toldAt;
    const { rows } = await pool.query<{ conversation_id: string; status: string; content: string }>(
      `SELECT conversation_id, status, content FROM messages WHERE role = 'assistant' AND conversation_id = ANY ($1)`,
      [sessions.map(({ sessionId }) => sessionId)],
    );
    const stored = new Map(rows.map((row) => [row.conversation_id, row]));
    const lost = sessions.filter(({ sessionId, shown }) => stored.get(sessionId)?.content !== shown.at(-1)?.text);
    const count = (status: string) => rows.filter((row) => row.status === status).length;
    console.info(
      `SIGTERM during 100 answers: ${count('complete')} finished, ${count('interrupted')} interrupted with their text, ${lost.length} with other text than shown, exit 0 after ${Math.round(tookMs)} ms`,
    );
    expect(lost.map(({ sessionId }) => sessionId)).toEqual([]);
    expect(count('complete')).toBeGreaterThan(0);
    expect(count('complete') + count('interrupted')).toBe(100);
    expect(tookMs).toBeLessThan(30_000);
    for (const { client } of sessions)
      expect(await client.event('closing')).toMatchObject({ reason: 'server_shutting_down' });
  });
});

describe('a database that goes down', () => {
  it('costs no acknowledged message: who writes meanwhile is told, and the server goes on when it is back', async () => {
    const postgres = await OwnPostgres.start();
    const model = await ScriptedOpenAi.start();
    const server = await ServerProcess.start({
      DATABASE_URL: postgres.url,
      OPENAI_BASE_URL: model.baseUrl,
      RATE_LIMIT_MS: '0',
    });
    try {
      const writers = await Promise.all(
        Array.from({ length: 10 }, async (_, index) => {
          const person = await Person.register(server.url, `writer${index}@example.com`, 'the password of a writer');
          return { person, sessionId: await person.session() };
        }),
      );
      const acknowledged: { id: string; person: Person; sessionId: string }[] = [];
      const refusals = new Map<string, number>();
      let isWriting = true;
      const write = async ({ person, sessionId }: (typeof writers)[number], lane: number) => {
        for (let index = 0; isWriting; index++) {
          const { status, body } = await person.post<MessageResponse & { code: string }>('/messages', {
            sessionId,
            role: 'assistant',
            content: `${lane} ${index}`,
          });
          if (status === 201) acknowledged.push({ id: body.id, person, sessionId });
          else refusals.set(`${status} ${body.code}`, (refusals.get(`${status} ${body.code}`) ?? 0) + 1);
        }
      };
      const writing = Promise.all(
        writers.flatMap((writer) => Array.from({ length: 5 }, (_, lane) => write(writer, lane))),
      );
      await eventually(() => acknowledged.length > 200);
      await postgres.stopImmediately();
      await eventually(() => refusals.size > 0);
      expect((await fetch(`${server.url}/health/live`)).status).toBe(200);
      await postgres.startAgain();
      const backAt = performance.now();
      const before = acknowledged.length;
      await eventually(() => acknowledged.length > before, 5_000);
      await eventually(async () => (await fetch(`${server.url}/health`)).status === 200, 5_000);
      const healthyMs = performance.now() - backAt;
      isWriting = false;
      await writing;
      const pool = new pg.Pool({ connectionString: postgres.url });
      const { rows } = await pool.query<{ id: string }>('SELECT id FROM messages');
      await pool.end();
      const stored = new Set(rows.map(({ id }) => id));
      const lost = acknowledged.filter(({ id }) => !stored.has(id)).length;
      console.info(
        `PostgreSQL stopped at once under 50 writers: ${acknowledged.length} acknowledged, ${lost} lost, refusals ${JSON.stringify(Object.fromEntries(refusals))}, healthy ${Math.round(healthyMs)} ms after it was back`,
      );
      expect(lost).toBe(0);
      expect([...refusals.keys()]).toEqual(['503 DATABASE_UNAVAILABLE']);
    } finally {
      server.signal('SIGKILL');
      await server.exit;
      await model.stop();
      await postgres.remove();
    }
  });
});
