import { createHash, randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { MessageResponse } from '../../src/messages/dto/message.response.dto.js';
import { MessagesService } from '../../src/messages/messages.service.js';
import { TestApp } from '../support/app.js';
import type { ChatClient } from '../support/chat-client.js';
import { eventually } from '../support/eventually.js';
import type { Person } from '../support/person.js';
import { ScriptedOpenAi } from '../support/scripted-openai.js';
import { Stopwatch } from '../support/stopwatch.js';

const WORDS = Array.from({ length: 200 }, (_, index) => `word${index} `);

/** The text that a client ends up with when it applies every delta as the contract says. */
function applied(client: ChatClient, messageId: unknown): string {
  return client
    .all('message:stream')
    .filter((event) => event['messageId'] === messageId)
    .reduce((text, event) => text.slice(0, event['offset'] as number) + (event['delta'] as string), '');
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

describe('an answer', () => {
  let app: TestApp;
  let model: ScriptedOpenAi;
  let person: Person;

  beforeAll(async () => {
    model = await ScriptedOpenAi.start();
    app = await TestApp.start({
      OPENAI_BASE_URL: model.baseUrl,
      OPENAI_API_KEY: 'test-key',
      AI_FIRST_BYTE_TIMEOUT_MS: '400',
      AI_IDLE_TIMEOUT_MS: '400',
      AI_MAX_RUNNING_PER_USER: '50',
    });
    person = await app.person();
  });

  afterEach(() => person.closeSockets());

  afterAll(async () => {
    await app.close();
    await model.stop();
  });

  async function aConversation(): Promise<{ sessionId: string; client: ChatClient }> {
    const sessionId = await person.session();
    const client = await person.socket();
    await client.command('join', { sessionId });
    return { sessionId, client };
  }

  /** Asks and waits until the answer has begun to show. */
  async function askAndSee(client: ChatClient, sessionId: string, content: string): Promise<string> {
    await client.command('message:send', { sessionId, content });
    const placeholder = await client.event(
      'message:new',
      (it) =>
        it['role'] === 'assistant' &&
        it['status'] === 'streaming' &&
        !client.all('message:done').some((done) => done['messageId'] === it['id']),
    );
    await client.event('message:stream', (it) => it['messageId'] === placeholder['id']);
    return placeholder['id'] as string;
  }

  const doneOf = (client: ChatClient, messageId: string) =>
    client.event('message:done', (it) => it['messageId'] === messageId);

  it('is the same text live and stored, with the usage that the provider reported', async () => {
    model.script({
      deltas: ['Привет', ', ', '👩‍👩‍👧', ' – ', 'мир', '!'],
      usage: { prompt_tokens: 11, completion_tokens: 7 },
    });
    const { sessionId, client } = await aConversation();
    const messageId = await askAndSee(client, sessionId, 'hello');
    const done = await doneOf(client, messageId);
    expect(done).toEqual({
      messageId,
      sessionId,
      status: 'complete',
      usage: { promptTokens: 11, completionTokens: 7, kind: 'exact' },
    });
    const [, answer] = await person.messages(sessionId);
    expect(sha256(applied(client, messageId))).toBe(sha256(answer!.content));
    expect(
      client.received
        .map(({ event }) => event)
        .filter((event) => event !== 'message:stream' && event !== 'session:updated' && event !== 'session:created'),
    ).toEqual(['connected', 'message:new', 'message:new', 'message:update', 'message:done']);
  });

  it('goes on and is stored when everybody leaves', async () => {
    model.script({ deltas: WORDS, everyMs: 2 });
    const { sessionId, client } = await aConversation();
    await askAndSee(client, sessionId, 'a long one');
    client.close();
    const watcher = await person.socket();
    const joined = await watcher.command('join', { sessionId, since: 0 });
    const messageId = (joined['streaming'] as { messageId: string }).messageId;
    await doneOf(watcher, messageId);
    expect((await person.messages(sessionId))[1]).toMatchObject({ status: 'complete', content: WORDS.join('') });
  });

  it('can be watched from its middle on: the snapshot and the deltas after it give the whole text', async () => {
    model.script({ deltas: WORDS, everyMs: 1 });
    const { sessionId, client } = await aConversation();
    const messageId = await askAndSee(client, sessionId, 'a long one');
    const late = await person.socket();
    const joined = await late.command('join', { sessionId, since: 1 });
    const { content } = joined['streaming'] as { content: string };
    expect(content.length).toBeGreaterThan(0);
    await doneOf(late, messageId);
    const text = late
      .all('message:stream')
      .reduce((soFar, event) => soFar.slice(0, event['offset'] as number) + (event['delta'] as string), content);
    expect(text).toBe(WORDS.join(''));
    expect(late.all('message:new')).toEqual([]);
  });

  it('stops on request: the provider sees its connection close, the text stays, and stopping again changes nothing', async () => {
    model.script({ endless: 'more ' });
    const { sessionId, client } = await aConversation();
    const messageId = await askAndSee(client, sessionId, 'never end');
    const asked = new Stopwatch();
    expect(await client.command('message:stop', { messageId })).toEqual({ ok: true });
    const closed = await model.calls[0]!.closed;
    expect(closed.byClient).toBe(true);
    expect(asked.ms(closed.at)).toBeLessThan(200);
    const done = await doneOf(client, messageId);
    expect(done).toMatchObject({ status: 'stopped', usage: { kind: 'estimated' } });
    const [, answer] = await person.messages(sessionId);
    expect(answer!.content).toBe(applied(client, messageId));
    expect(answer!.usage!.completionTokens).toBeGreaterThan(0);
    expect(await client.command('message:stop', { messageId })).toEqual({ ok: true });
    expect((await person.post(`/messages/${messageId}/stop`)).status).toBe(200);
    expect((await person.post(`/sessions/${sessionId}/stop`)).body).toEqual({ ok: true });
    expect((await person.messages(sessionId))[1]).toEqual(answer);
  });

  it('gives way to a newer message: it is stopped with its text and one answer comes to all that was said', async () => {
    model.script({ endless: 'more ' }, { deltas: ['to both'] });
    const { sessionId, client } = await aConversation();
    const first = await askAndSee(client, sessionId, 'first question');
    await client.command('message:send', { sessionId, content: 'second question' });
    expect(await doneOf(client, first)).toMatchObject({ status: 'stopped' });
    await client.event('message:done', (it) => it['messageId'] !== first);
    expect((await model.calls[0]!.closed).byClient).toBe(true);
    const messages = await person.messages(sessionId);
    expect(messages.map(({ role, status }) => [role, status])).toEqual([
      ['user', 'complete'],
      ['assistant', 'stopped'],
      ['user', 'complete'],
      ['assistant', 'complete'],
    ]);
    const turns = model.calls[1]!.body['messages'] as { role: string; content: string }[];
    expect(turns.map(({ role }) => role)).toEqual(['system', 'user', 'assistant', 'user']);
    expect(turns.at(-1)!.content).toBe('second question');
  });

  it('comes whole, and to all of them, when several messages are sent at once', async () => {
    for (let round = 0; round < 10; round++) {
      model.script({ deltas: ['to ', 'all'] });
      const { sessionId } = await aConversation();
      const contents = ['one', 'two', 'three', 'four'];
      await Promise.all(contents.map((content) => person.post('/messages', { sessionId, role: 'user', content })));
      const answer = await eventually(async () => {
        const last = (await person.messages(sessionId)).at(-1);
        return last?.role === 'assistant' && last.status !== 'streaming' ? last : null;
      });
      expect(answer).toMatchObject({ status: 'complete', content: 'to all' });
      const turns = model.calls.at(-1)!.body['messages'] as { content: string }[];
      expect(turns.slice(1).map(({ content }) => content)).toEqual(expect.arrayContaining(contents));
    }
  });

  it('is made again on request: the former one stays, marked as replaced, and is not told to the model', async () => {
    model.script({ deltas: ['one'] }, { deltas: ['two'] });
    const { sessionId, client } = await aConversation();
    const former = await askAndSee(client, sessionId, 'a question');
    await doneOf(client, former);
    const ack = await client.command('message:regenerate', { messageId: former });
    const message = ack['message'] as MessageResponse;
    await doneOf(client, message.id);
    const [question, first, second] = await person.messages(sessionId);
    expect(first).toMatchObject({ id: former, content: 'one', supersededById: message.id });
    expect(second).toMatchObject({ id: message.id, content: 'two', status: 'complete', replyToId: question!.id });
    const turns = model.calls[1]!.body['messages'] as { role: string; content: string }[];
    expect(turns.map(({ role, content }) => [role, content]).slice(1)).toEqual([['user', 'a question']]);
    expect(await client.command('message:regenerate', { messageId: former })).toMatchObject({
      ok: false,
      error: { code: 'NOTHING_TO_REGENERATE' },
    });
    expect(await client.command('message:regenerate', { messageId: question!.id })).toMatchObject({
      ok: false,
      error: { code: 'NOTHING_TO_REGENERATE' },
    });
  });

  it('is made anew when its question is edited; what followed is replaced but kept, and the former text stays retrievable', async () => {
    model.script({ deltas: ['a1'] }, { deltas: ['a2'] }, { deltas: ['b1'] });
    const { sessionId, client } = await aConversation();
    const a1 = await askAndSee(client, sessionId, 'q1');
    await doneOf(client, a1);
    const a2 = await askAndSee(client, sessionId, 'q2');
    await doneOf(client, a2);
    const [q1] = await person.messages(sessionId);
    const edited = await person.patch<MessageResponse>(`/messages/${q1!.id}`, { content: 'q1, better' });
    expect(edited.body).toMatchObject({ id: q1!.id, seq: 1, content: 'q1, better' });
    await client.event('message:done', (it) => it['messageId'] !== a1 && it['messageId'] !== a2);
    const messages = await person.messages(sessionId);
    expect(messages.map(({ content, supersededById }) => [content, supersededById !== undefined])).toEqual([
      ['q1, better', false],
      ['a1', true],
      ['q2', true],
      ['a2', true],
      ['b1', false],
    ]);
    const turns = model.calls[2]!.body['messages'] as { content: string }[];
    expect(turns.map(({ content }) => content).slice(1)).toEqual(['q1, better']);
    expect((await person.get(`/messages/${q1!.id}/revisions`)).body).toMatchObject([{ content: 'q1' }]);
  });

  it.each([
    [
      'a truncated stream',
      { deltas: ['so ', 'far'], ending: 'eof' } as const,
      'interrupted',
      'so far',
      'AI_INTERRUPTED',
    ],
    [
      'a reset connection',
      { deltas: ['so ', 'far'], ending: 'reset', everyMs: 20 } as const,
      'interrupted',
      'so far',
      'AI_INTERRUPTED',
    ],
    ['a stalled stream', { deltas: ['so ', 'far'], ending: 'stall' } as const, 'interrupted', 'so far', 'AI_TIMEOUT'],
    [
      'an error within the stream',
      { deltas: ['so ', 'far'], ending: 'error' } as const,
      'interrupted',
      'so far',
      undefined,
    ],
    ['a refused key', { status: 401 } as const, 'failed', '', 'AI_MISCONFIGURED'],
    [
      'a used-up account',
      { status: 429, body: { error: { code: 'insufficient_quota' } } } as const,
      'failed',
      '',
      'AI_QUOTA_EXHAUSTED',
    ],
  ])('ends in the right state after %s, with the text so far', async (_, step, status, content, code) => {
    const own = await TestApp.start({
      OPENAI_BASE_URL: model.baseUrl,
      AI_FIRST_BYTE_TIMEOUT_MS: '400',
      AI_IDLE_TIMEOUT_MS: '300',
    });
    try {
      model.script(step);
      const someone = await own.person();
      const sessionId = await someone.session();
      const client = await someone.socket();
      await client.command('message:send', { sessionId, content: 'hello' });
      const done = await client.event('message:done');
      expect(done).toMatchObject({ status, ...(code === undefined ? {} : { error: { code } }) });
      const [question, answer] = await someone.messages(sessionId);
      expect(question).toMatchObject({ content: 'hello', status: 'complete' });
      expect(answer).toMatchObject({ status, content });
      someone.closeSockets();
    } finally {
      await own.close();
    }
  });

  it('ends when its session is deleted, and the provider sees it', async () => {
    model.script({ endless: 'more ' });
    const { sessionId, client } = await aConversation();
    await askAndSee(client, sessionId, 'never end');
    expect((await person.delete(`/sessions/${sessionId}`)).body).toEqual({ ok: true });
    expect((await model.calls[0]!.closed).byClient).toBe(true);
    expect((await person.get(`/messages/${sessionId}`)).status).toBe(404);
    await client.event('session:deleted');
  });

  it('ends when its message is deleted and leaves the place empty', async () => {
    model.script({ endless: 'more ' });
    const { sessionId, client } = await aConversation();
    const messageId = await askAndSee(client, sessionId, 'never end');
    expect((await person.delete(`/messages/${messageId}`)).status).toBe(200);
    expect((await model.calls[0]!.closed).byClient).toBe(true);
    await doneOf(client, messageId);
    const answer = (await person.messages(sessionId))[1];
    expect(answer).toMatchObject({ id: messageId, content: '', status: 'interrupted' });
    expect(answer?.deletedAt).toBeDefined();
  });

  it('is seen alike by two devices of one person, in the same order', async () => {
    model.script({ deltas: WORDS });
    const { sessionId, client } = await aConversation();
    const other = await person.socket();
    await other.command('join', { sessionId });
    const messageId = await askAndSee(client, sessionId, 'hello');
    await Promise.all([doneOf(client, messageId), doneOf(other, messageId)]);
    const told = (it: ChatClient) => it.received.filter(({ event }) => event.startsWith('message:'));
    expect(told(other)).toEqual(told(client));
  });

  it('is missed by no connection that comes back to its session and asks in the same moment', async () => {
    model.script({ deltas: ['an ', 'answer'] });
    const sessionId = await person.session({ title: 'titled' });
    const client = await person.socket();
    await client.command('message:send', { sessionId, content: 'the first' });
    await client.command('leave', { sessionId });
    const messages = app.get(MessagesService);
    const { sync } = messages;
    // Between what the connection is let in with and its entrance something is said elsewhere.
    const reading = Promise.withResolvers<void>();
    const said = Promise.withResolvers<void>();
    messages.sync = async (...asked) => {
      const page = await sync.apply(messages, asked);
      reading.resolve();
      await said.promise;
      return page;
    };
    const joining = client.command('join', { sessionId, since: 1 });
    await reading.promise;
    const { body: elsewhere } = await person.post<MessageResponse>('/messages', {
      ...{ sessionId, role: 'user', content: 'asked elsewhere' },
    });
    const asking = client.command('message:send', { sessionId, content: 'asked here' });
    // Commands are handled in turn unless they may overtake each other: this one could.
    await client.command('sync', { conversationId: randomUUID(), since: 0 }).catch(() => undefined);
    said.resolve();
    messages.sync = sync;
    expect(await Promise.all([joining, asking])).toMatchObject([{ ok: true }, { ok: true }]);
    await client.event('message:new', ({ id }) => id === elsewhere.id);
  });

  it('gives an untitled session its title from the first question', async () => {
    model.script({ deltas: ['fine'] });
    const { sessionId, client } = await aConversation();
    await askAndSee(client, sessionId, 'How do I boil an egg? I have a pot.');
    await client.event('session:updated', (it) => it['sessionId'] === sessionId);
    expect((await person.get(`/sessions/${sessionId}`)).body).toMatchObject({ title: 'How do I boil an egg?' });
  });

  it('comes once to fifty equal sends over REST and the socket', async () => {
    model.script({ deltas: ['once'] });
    const { sessionId, client } = await aConversation();
    const key = 'one-and-the-same';
    const answers = await Promise.all(
      Array.from({ length: 50 }, async (_, index) => {
        if (index % 2 === 0)
          return (await client.command('message:send', { sessionId, content: 'once', clientMessageId: key }))[
            'message'
          ] as MessageResponse;
        const answer = await person.post<MessageResponse>(
          '/messages',
          { sessionId, role: 'user', content: 'once' },
          { 'idempotency-key': key },
        );
        return answer.body;
      }),
    );
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    await client.event('message:done');
    expect((await person.messages(sessionId)).map(({ role }) => role)).toEqual(['user', 'assistant']);
    expect(model.calls).toHaveLength(1);
    const other = await person.post(
      '/messages',
      { sessionId, role: 'user', content: 'twice' },
      { 'idempotency-key': key },
    );
    expect(other).toMatchObject({ status: 422, body: { code: 'IDEMPOTENCY_KEY_REUSED' } });
  });
});
