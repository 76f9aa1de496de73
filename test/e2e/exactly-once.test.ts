import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { TestApp } from '../support/app.js';
import type { ChatClient } from '../support/chat-client.js';
import { DatabaseState } from '../support/database-state.js';
import { FaultProxy } from '../support/fault-proxy.js';
import { inWords } from '../support/ledger.js';
import type { Person } from '../support/person.js';
import { PlainClient } from '../support/plain-client.js';
import { Random, rounds, seed } from '../support/random.js';
import { ScriptedOpenAi } from '../support/scripted-openai.js';
import { SseClient } from '../support/sse-client.js';
import { wireCall } from '../support/wire-call.js';

const AT_ONCE = 20;
const CONTENT = 'once and only once';
const LIMITS = {
  REST_LIMIT_PER_MINUTE: '10000000',
  SOCKET_EVENTS_PER_MINUTE: '10000000',
  AI_MAX_RUNNING_PER_USER: '50',
};

interface Figures {
  rounds: number;
  sends: number;
  /** Acknowledgements that the proxy ate, whose sends were repeated. */
  swallowed: number;
  rows: number;
  runs: number;
  calls: number;
  /** Rounds in which the doors told different messages or different answers. */
  unequal: number;
}

/** What a door told of one send: the message as JSON, the answer's id and its text, as far as the door tells them. */
interface Told {
  message?: string;
  answerId?: unknown;
  text?: string;
}

/** The doors through which one thing can be said. */
class Doors {
  readonly names = ['rest', 'socket', 'sse', 'ndjson', 'websocket'] as const;

  constructor(
    private readonly person: Person,
    private readonly client: ChatClient,
  ) {}

  async rest(sessionId: string, key: string, url = this.person.url, content = CONTENT): Promise<Told> {
    const { status, text } = await wireCall(url, {
      method: 'POST',
      path: '/messages',
      token: this.person.token,
      headers: { 'idempotency-key': key },
      body: { sessionId, role: 'user', content },
      isAlone: true,
    });
    if (status !== 201) throw new Error(`POST /messages answered ${status}: ${text}`);
    return { message: text };
  }

  async socket(sessionId: string, key: string, _url?: string, content = CONTENT): Promise<Told> {
    const ack = await this.client.command('message:send', { sessionId, content, clientMessageId: key });
    if (!ack.ok) throw new Error(JSON.stringify(ack.error));
    return { message: JSON.stringify(ack['message']) };
  }

  async sse(sessionId: string, key: string, url = this.person.url): Promise<Told> {
    const query = new URLSearchParams({ prompt: CONTENT, requestId: key }).toString();
    const authorization = `Bearer ${this.person.token}`;
    const stream = await SseClient.open(`${url}/sse/sessions/${sessionId}/stream?${query}`, { authorization });
    await stream.over();
    const [done] = stream.of('message:done');
    if (!done) throw new Error(`The stream ended early: ${stream.body}`);
    const message = stream.of('message:new').find(({ role }) => role === 'user');
    return { message: JSON.stringify(message), answerId: done['messageId'] };
  }

  async ndjson(sessionId: string, key: string, url = this.person.url): Promise<Told> {
    const { text } = await wireCall(url, {
      method: 'POST',
      path: '/messages/stream',
      token: this.person.token,
      headers: { 'idempotency-key': key },
      body: { sessionId, prompt: CONTENT },
      isAlone: true,
    });
    const lines = text.trim().split('\n');
    const pieces = lines.map((line) => JSON.parse(line) as { delta?: string; messageId?: string });
    return { text: pieces.map(({ delta }) => delta ?? '').join(''), answerId: pieces.at(-1)?.messageId };
  }

  async websocket(sessionId: string, key: string): Promise<Told> {
    const client = await PlainClient.connect(this.person.url, `/?token=${this.person.token}&sessionId=${sessionId}`);
    const { text, end } = await client.ask({ type: 'message', content: CONTENT, clientMessageId: key });
    client.close();
    expect(end).toEqual({ type: 'done' });
    return { text };
  }
}

describe('one message that is sent many times', () => {
  let model: ScriptedOpenAi;
  let app: TestApp;

  beforeAll(async () => {
    model = await ScriptedOpenAi.start();
    app = await TestApp.start({ OPENAI_BASE_URL: model.baseUrl, ...LIMITS });
  });

  afterAll(async () => {
    await app.close();
    await model.stop();
  });

  async function experiment(
    on: TestApp,
    count: number,
    from: number,
    pick: (doors: Doors, index: number, random: Random) => (typeof doors.names)[number],
  ): Promise<Figures> {
    const random = new Random(from);
    const person = await on.person();
    const client = await person.socket();
    const doors = new Doors(person, client);
    const proxy = await FaultProxy.start(on.url);
    const state = await DatabaseState.of(on.database.url);
    const database = new pg.Client({ connectionString: on.database.url });
    await database.connect();
    const figures: Figures = { rounds: 0, sends: 0, swallowed: 0, rows: 0, runs: 0, calls: 0, unequal: 0 };
    model.script({ deltas: ['on', 'ce'] });
    for (; figures.rounds < count; figures.rounds++) {
      const sessionId = await person.session({ title: 'titled' });
      const key = `key ${figures.rounds}`;
      // One whose acknowledgement is lost on its way, at any byte, before, among or after the others.
      const lostAt = random.between(0, 250);
      proxy.fault = () => ({ cutAfter: { down: lostAt } });
      const swallowed = random.pick(['rest', 'ndjson', 'sse'] as const);
      const others = Array.from({ length: AT_ONCE }, (_, index) => pick(doors, index, random));
      const told = await Promise.all([
        doors[swallowed](sessionId, key, proxy.url).catch(() => {
          figures.swallowed++;
          return doors[pick(doors, 0, random)](sessionId, key);
        }),
        ...others.map((door) => doors[door](sessionId, key)),
      ]);
      figures.sends += told.length;
      await state.quietIn(sessionId);
      const { rows } = await database.query<{ rows: number; runs: number }>(
        `SELECT (SELECT count(*)::int FROM messages WHERE conversation_id = $1 AND role = 'user') AS rows,
                (SELECT count(*)::int FROM generations WHERE conversation_id = $1) AS runs`,
        [sessionId],
      );
      figures.rows += rows[0]!.rows;
      figures.runs += rows[0]!.runs;
      const kinds = (what: keyof Told) => new Set(told.map((it) => it[what]).filter((it) => it !== undefined)).size;
      if (kinds('message') > 1 || kinds('answerId') > 1 || kinds('text') > 1) figures.unequal++;
    }
    figures.calls = model.calls.length;
    await database.end();
    await state.close();
    await proxy.stop();
    person.closeSockets();
    return figures;
  }

  it('is one row, one run and one model call, and told alike, whatever doors and lost acknowledgements', async () => {
    const count = rounds(25);
    const from = seed();
    const figures = await experiment(app, count, from, (doors, _, random) => random.pick(doors.names));
    console.info(`seed ${from}: ${inWords(figures)}`);
    expect(figures).toMatchObject({ rounds: count, rows: count, runs: count, calls: count, unequal: 0 });
    expect(figures.swallowed).toBeGreaterThan(0);
  }, 3_600_000);

  it('is more than one where only a look before the write keeps it apart (control)', async () => {
    const own = await TestApp.start({ OPENAI_BASE_URL: model.baseUrl, ...LIMITS });
    const database = new pg.Client({ connectionString: own.database.url });
    await database.connect();
    await database.query('DROP INDEX messages_client_message_id_key');
    await database.end();
    const figures = await experiment(own, 3, 1, () => 'ndjson');
    console.info(`control, without the unique index: ${inWords(figures)}`);
    expect(figures.rows).toBeGreaterThan(figures.rounds);
    await own.close();
  });

  it('is refused with another text under the same key, at every door', async () => {
    const person = await app.person();
    const client = await person.socket();
    const doors = new Doors(person, client);
    const sessionId = await person.session();
    await doors.socket(sessionId, 'taken');
    await expect(doors.rest(sessionId, 'taken', undefined, 'other')).rejects.toThrow('422');
    await expect(doors.socket(sessionId, 'taken', undefined, 'other')).rejects.toThrow('IDEMPOTENCY_KEY_REUSED');
    const asked = await person.get(`/sse/sessions/${sessionId}/stream?prompt=other&requestId=taken`);
    const body = { sessionId, prompt: 'other' };
    const lines = await person.post('/messages/stream', body, { 'idempotency-key': 'taken' });
    expect([asked.status, lines.status]).toEqual([422, 422]);
    const plain = await PlainClient.connect(app.url, `/?token=${person.token}&sessionId=${sessionId}`);
    const { end } = await plain.ask({ type: 'message', content: 'other', clientMessageId: 'taken' });
    expect(end.type).toBe('error');
    plain.close();
    person.closeSockets();
  });

  it('is no second message for the pace of its sender', async () => {
    const own = await TestApp.start({ OPENAI_BASE_URL: model.baseUrl, ...LIMITS, RATE_LIMIT_MS: '600000' });
    const person = await own.person();
    const doors = new Doors(person, await person.socket());
    const sessionId = await person.session();
    const names = ['rest', 'socket', 'sse', 'ndjson'] as const;
    const told = await Promise.all(
      Array.from({ length: AT_ONCE }, (_, index) => doors[names[index % names.length]!](sessionId, 'paced')),
    );
    expect(new Set(told.map(({ message }) => message).filter(Boolean)).size).toBe(1);
    await expect(doors.socket(sessionId, 'next')).rejects.toThrow('RATE_LIMITED');
    person.closeSockets();
    await own.close();
  });
});
