import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MessagesService } from '../../src/messages/messages.service.js';
import { TestApp } from '../support/app.js';
import { DatabaseState } from '../support/database-state.js';
import { eventually } from '../support/eventually.js';
import { FaultProxy } from '../support/fault-proxy.js';
import { inWords } from '../support/ledger.js';
import type { Person } from '../support/person.js';
import { PlainClient } from '../support/plain-client.js';
import { Random, rounds, seed } from '../support/random.js';
import { ScriptedOpenAi } from '../support/scripted-openai.js';
import { SseClient } from '../support/sse-client.js';
import { wireCall } from '../support/wire-call.js';

const AT_ONCE = 12;
const ATTEMPTS = 200;
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

interface Asking {
  person: Person;
  sessionId: string;
  key: string;
  /** Through the proxy that cuts. */
  url: string;
  connections: number;
}

function resumed({ person }: Asking, lastId: string | null): Record<string, string> {
  const authorization = `Bearer ${person.token}`;
  return lastId === null ? { authorization } : { authorization, 'last-event-id': lastId };
}

/** Reads an answer to its end over connections that break, as a client of each wire would; returns the text that it shows then. */
const READERS = {
  async sse(asking: Asking): Promise<string> {
    let lastId: string | null = null;
    let text = '';
    for (; asking.connections < ATTEMPTS; asking.connections++) {
      const query = new URLSearchParams({ prompt: 'tell me', requestId: asking.key }).toString();
      const stream: SseClient | null = await SseClient.open(
        `${asking.url}/sse/sessions/${asking.sessionId}/stream?${query}`,
        resumed(asking, lastId),
      ).catch(() => null);
      if (!stream) continue;
      await stream.over();
      let isWhole = stream.status === 204;
      for (const { id, event, data } of stream.frames) {
        lastId = id ?? lastId;
        if (event === 'message:stream') text = text.slice(0, data['offset'] as number) + (data['delta'] as string);
        const isAnswer = (event === 'message:new' || event === 'message:update') && data['role'] === 'assistant';
        if (isAnswer) text = data['content'] as string;
        if (event === 'message:done') isWhole = true;
      }
      if (isWhole) return text;
    }
    throw new Error('never whole');
  },

  async ndjson(asking: Asking): Promise<string> {
    for (; asking.connections < ATTEMPTS; asking.connections++) {
      const answer = await wireCall(asking.url, {
        method: 'POST',
        path: '/messages/stream',
        token: asking.person.token,
        headers: { 'idempotency-key': asking.key },
        body: { sessionId: asking.sessionId, prompt: 'tell me' },
        isAlone: true,
      }).catch(() => null);
      if (!answer) continue;
      const lines = answer.text.trim().split('\n');
      const pieces = lines.map((line) => JSON.parse(line) as { delta?: string; done?: boolean });
      if (pieces.at(-1)?.done) return pieces.map(({ delta }) => delta ?? '').join('');
    }
    throw new Error('never whole');
  },

  async websocket(asking: Asking): Promise<string> {
    for (; asking.connections < ATTEMPTS; asking.connections++) {
      const path = `/?token=${asking.person.token}&sessionId=${asking.sessionId}`;
      const client = await PlainClient.connect(asking.url, path).catch(() => null);
      if (!client) continue;
      client.send({ type: 'message', content: 'tell me', clientMessageId: asking.key });
      await client.until(() => client.closed ?? client.frames.find(({ type }) => type !== 'chunk'));
      const isWhole = client.frames.at(-1)?.type === 'done';
      client.close();
      if (isWhole)
        return client.frames
          .slice(0, -1)
          .map(({ content }) => content)
          .join('');
    }
    throw new Error('never whole');
  },
};

/** What a stream gives to a client that knows no ids: after each break only what is told from then on. */
async function readWithoutIds(asking: Asking): Promise<string> {
  let text = '';
  await asking.person.post('/messages', { sessionId: asking.sessionId, role: 'user', content: 'tell me' });
  for (; asking.connections < ATTEMPTS; asking.connections++) {
    const stream = await SseClient.open(`${asking.url}/sse/sessions/${asking.sessionId}/stream`, {
      authorization: `Bearer ${asking.person.token}`,
    }).catch(() => null);
    if (!stream) continue;
    // Whoever comes after the end is told nothing.
    const isStored = async () => (await asking.person.messages(asking.sessionId))[1]?.status === 'complete';
    await eventually(async () => stream.isOver || (await isStored()));
    text += stream
      .of('message:stream')
      .map(({ delta }) => delta)
      .join('');
    stream.close();
    if (await isStored()) return text;
  }
  throw new Error('never whole');
}

describe('a reader whose connection breaks in mid-answer', () => {
  let app: TestApp;
  let model: ScriptedOpenAi;
  let state: DatabaseState;

  beforeAll(async () => {
    model = await ScriptedOpenAi.start();
    app = await TestApp.start({
      OPENAI_BASE_URL: model.baseUrl,
      AI_MAX_RUNNING_PER_USER: '50',
      REST_LIMIT_PER_MINUTE: '10000000',
    });
    state = await DatabaseState.of(app.database.url);
  });

  afterAll(async () => {
    await state.close();
    await app.close();
    await model.stop();
  });

  async function experiment(name: string, count: number, readers: ((asking: Asking) => Promise<string>)[]) {
    const from = seed();
    const random = new Random(from);
    model.script({ deltas: Array.from({ length: 50 }, (_, index) => `word${index} я👍 `), everyMs: 2 });
    const proxy = await FaultProxy.start(app.url);
    proxy.fault = () => ({ cutAfter: { down: random.between(100, 4_000) } });
    const figures = { answers: 0, connections: 0, cuts: 0, calls: 0, differing: 0 };
    const person = await app.person();
    const one = async (index: number) => {
      const sessionId = await person.session({ title: 'titled' });
      const asking = { person, sessionId, key: `${name} ${index}`, url: proxy.url, connections: 1 };
      const text = await readers[index % readers.length]!(asking);
      await state.quietIn(sessionId);
      const [, answer] = await person.messages(sessionId);
      figures.answers++;
      figures.connections += asking.connections;
      if (sha256(text) !== sha256(answer!.content)) figures.differing++;
    };
    let next = 0;
    const worker = async () => {
      while (next < count) await one(next++);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    figures.calls = model.calls.length;
    figures.cuts = proxy.cuts;
    await proxy.stop();
    console.info(`${name}, seed ${from}: ${inWords(figures)}`);
    return figures;
  }

  it('shows exactly what is stored in the end, and asks the model once', async () => {
    const count = rounds(100);
    const figures = await experiment('resumed', count, [READERS.sse, READERS.ndjson, READERS.websocket]);
    expect(figures).toMatchObject({ answers: count, calls: count, differing: 0 });
    expect(figures.cuts).toBeGreaterThan(count / 4);
  }, 3_600_000);

  it('is told of an end that comes while it asks whether there is more', async () => {
    const person = await app.person();
    const sessionId = await person.session({ title: 'titled' });
    const url = `${app.url}/sse/sessions/${sessionId}/stream?prompt=hello`;
    const headers = { authorization: `Bearer ${person.token}` };
    model.script({ deltas: ['one ', 'two ', 'three'], everyMs: 100 });
    const first = await SseClient.open(url, headers);
    await first.event('message:stream');
    first.close();
    const messages = app.get(MessagesService);
    const { head } = messages;
    messages.head = async (...question) => {
      const answer = await head.apply(messages, question);
      await state.quietIn(sessionId);
      return answer;
    };
    const again = await SseClient.open(url, { ...headers, 'last-event-id': first.lastId! });
    messages.head = head;
    await again.over();
    expect(again.of('message:done')).toMatchObject([{ status: 'complete' }]);
    expect(again.of('message:update')).toMatchObject([{ content: 'one two three' }]);
  });

  it('shows less where it knows no ids (control)', async () => {
    const figures = await experiment('control without ids', 12, [readWithoutIds]);
    expect(figures.differing).toBeGreaterThan(0);
  });
});
