import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { TestApp } from '../support/app.js';
import { DatabaseState } from '../support/database-state.js';
import { inWords } from '../support/ledger.js';
import type { Person } from '../support/person.js';
import { PlainClient } from '../support/plain-client.js';
import { Random, rounds, seed } from '../support/random.js';
import { ScriptedOpenAi, type Step } from '../support/scripted-openai.js';
import { SseClient } from '../support/sse-client.js';
import { wireCall } from '../support/wire-call.js';

const MOST_AT_ONCE = 8;
/** Long enough that the notice of a message comes in mid-answer. */
const WHOLE: Step = { deltas: ['an ', 'answer ', 'to ', 'all'], everyMs: 8 };
/** An answer that leaves something out never ends by itself. */
const PARTIAL: Step = { deltas: ['an answer'], ending: 'stall' };

interface Answer {
  seq: number;
  status: string;
  content: string;
}

type Door = (person: Person, sessionId: string, content: string) => Promise<void>;

/** Each says something and reads what its door tells of the answer, up to the end. */
const DOORS: Record<string, Door> = {
  rest: async (person, sessionId, content) => {
    const { status } = await person.post('/messages', { sessionId, role: 'user', content });
    expect(status).toBe(201);
  },
  socket: async (person, sessionId, content) => {
    const client = await person.socket();
    expect(await client.command('message:send', { sessionId, content })).toMatchObject({ ok: true });
    client.close();
  },
  sse: async ({ url, token }, sessionId, content) => {
    const query = new URLSearchParams({ prompt: content }).toString();
    const stream = await SseClient.open(`${url}/sse/sessions/${sessionId}/stream?${query}`, {
      authorization: `Bearer ${token}`,
    });
    await stream.over();
    expect(stream.of('message:done')).not.toEqual([]);
  },
  ndjson: async ({ url, token }, sessionId, content) => {
    const body = { sessionId, prompt: content };
    const { text } = await wireCall(url, { method: 'POST', path: '/messages/stream', token, body, isAlone: true });
    expect(text).toContain('"done":true');
  },
  'api/v1': async ({ url, token }, sessionId, content) => {
    const path = `/api/v1/stream/chat/${sessionId}?${new URLSearchParams({ message: content }).toString()}`;
    const { text } = await wireCall(url, { method: 'GET', path, token, isAlone: true });
    expect(text).toContain('"type":"complete"');
  },
  websocket: async ({ url, token }, sessionId, content) => {
    const client = await PlainClient.connect(url, `/?token=${token}&sessionId=${sessionId}`);
    expect((await client.ask(content)).end).toEqual({ type: 'done' });
    client.close();
  },
};

describe('messages that are sent at once into one session', () => {
  let model: ScriptedOpenAi;
  let app: TestApp;
  let database: pg.Client;

  beforeAll(async () => {
    model = await ScriptedOpenAi.start();
    app = await TestApp.start({
      OPENAI_BASE_URL: model.baseUrl,
      REST_LIMIT_PER_MINUTE: '10000000',
      SOCKET_EVENTS_PER_MINUTE: '10000000',
    });
    database = new pg.Client({ connectionString: app.database.url });
    await database.connect();
  });

  afterAll(async () => {
    await database.end();
    await app.close();
    await model.stop();
  });

  it('are answered by one whole answer to all of them, through whatever doors they came', async () => {
    const count = rounds(25);
    const random = new Random(seed());
    const person = await app.person();
    const state = await DatabaseState.of(app.database.url);
    const figures = { rounds: 0, messages: 0, calls: 0, whole: 0, replaced: 0 };
    for (; figures.rounds < count; figures.rounds++) {
      const sessionId = await person.session({ title: 'titled' });
      const contents = Array.from({ length: random.between(2, MOST_AT_ONCE) }, (_, index) => `message ${index}`);
      const isSaid = (body: Record<string, unknown>) => {
        const turns = (body['messages'] as { content: string }[]).map(({ content }) => content);
        return contents.every((content) => turns.includes(content));
      };
      model.script((body) => (isSaid(body) ? WHOLE : PARTIAL));
      const sends = contents.map((content) => ({
        content,
        door: random.pick(Object.keys(DOORS)),
        afterMs: random.pick([0, 0, 1, 5, 20]),
      }));
      await Promise.all(
        sends.map(async ({ content, door, afterMs }) => {
          if (afterMs > 0) await delay(afterMs);
          await DOORS[door]!(person, sessionId, content);
        }),
      );
      await state.quietIn(sessionId);
      const { rows } = await database.query<Answer & { role: string }>(
        'SELECT seq, role, status, content FROM messages WHERE conversation_id = $1 ORDER BY seq',
        [sessionId],
      );
      const answers = rows.filter(({ role }) => role === 'assistant');
      const whole = answers.filter(({ status }) => status === 'complete');
      const told = JSON.stringify({ seed: random.seed, sends, rows });
      expect([told, rows.filter(({ role }) => role === 'user').length]).toEqual([told, contents.length]);
      expect([told, whole]).toEqual([told, [expect.objectContaining({ content: 'an answer to all' })]]);
      expect([told, whole[0]!.seq]).toEqual([told, rows.at(-1)!.seq]);
      expect([told, answers.filter(({ status }) => status !== 'complete' && status !== 'stopped')]).toEqual([told, []]);
      expect(model.calls.filter(({ body }) => isSaid(body))).toHaveLength(1);
      figures.messages += contents.length;
      figures.calls += model.calls.length;
      figures.whole += whole.length;
      figures.replaced += answers.length - whole.length;
    }
    const left = await database.query(
      `SELECT id FROM generations WHERE state = 'running'
       UNION ALL SELECT id FROM conversations WHERE answer_due_seq IS NOT NULL`,
    );
    expect(left.rows).toEqual([]);
    await state.close();
    console.info(`seed ${random.seed}: ${inWords(figures)}`);
  }, 3_600_000);
});
