import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ApiV1Client, type Chat } from '../support/api-v1-client.js';
import { TestApp } from '../support/app.js';
import { ChatClient } from '../support/chat-client.js';
import { httpCall } from '../support/http-call.js';
import { Rest } from '../support/person.js';
import { ScriptedOpenAi } from '../support/scripted-openai.js';

const WORDS = Array.from({ length: 120 }, (_, index) => `word${index} `);
const WHOLE = WORDS.join('');

describe('answers under /api/v1', () => {
  let app: TestApp;
  let model: ScriptedOpenAi;
  let client: ApiV1Client;
  let chat: Chat;
  const others: TestApp[] = [];

  beforeAll(async () => {
    model = await ScriptedOpenAi.start();
    app = await TestApp.start({
      OPENAI_BASE_URL: model.baseUrl,
      AI_MAX_RUNNING_PER_USER: '100',
      AI_MAX_RUNNING: '300',
      AI_FIRST_BYTE_TIMEOUT_MS: '1000',
      AI_IDLE_TIMEOUT_MS: '1000',
    });
    client = await ApiV1Client.register(app.url, 'streams@example.com');
  });

  beforeEach(async () => {
    model.script({ deltas: WORDS, usage: { prompt_tokens: 3, completion_tokens: 240 } });
    chat = await client.chat();
  });

  afterAll(async () => {
    for (const each of [app, ...others]) await each.close();
    await model.stop();
  });

  const anApp = async (overrides: Record<string, string>) => {
    others.push(await TestApp.start(overrides));
    return others.at(-1)!;
  };

  const rest = () => new Rest(app.url, client.tokens!.access_token);
  const socket = () => ChatClient.connect(app.url, client.tokens!.access_token);

  it('come as frames of tokens, and as a whole at the end, spelled as the clients expect', async () => {
    model.script({ deltas: ['Hello', ' "world"\n'], usage: { prompt_tokens: 3, completion_tokens: 2 } });
    const stream = await client.ask(chat.id, 'hello');
    expect([stream.status, stream.contentType]).toEqual([200, 'text/event-stream; charset=utf-8']);
    expect(stream.headers.get('cache-control')).toContain('no-store');
    await stream.all();
    expect(stream.text).toBe('Hello "world"\n');
    expect(stream.raw).toMatch(/^event:message\ndata:\{"content":"Hello[^}]*","type":"token"\}\n\n/);
    expect(
      stream.raw.endsWith('event:message\ndata:{"content":"Hello \\"world\\"\\n","tokens":2,"type":"complete"}\n\n'),
    ).toBe(true);
    expect(stream.raw).not.toMatch(/^(?!event:message$|data:\{|$).*$/m);
  });

  it('are stored before the client is told that they are complete', async () => {
    const stream = await client.ask(chat.id, 'hello');
    await stream.until(() => stream.last?.data.type === 'complete');
    const { messages, message_count } = await client.show(chat.id);
    expect(messages).toEqual([
      {
        id: expect.any(String),
        role: 'user',
        content: 'hello',
        tokens: 0,
        created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
        sequence_number: 1,
      },
      {
        id: expect.any(String),
        role: 'assistant',
        content: WHOLE,
        tokens: 240,
        created_at: expect.any(String),
        sequence_number: 2,
      },
    ]);
    expect([message_count, stream.text, stream.last?.data]).toEqual([
      2,
      WHOLE,
      { content: WHOLE, tokens: 240, type: 'complete' },
    ]);
  });

  it('come however the id is spelled', async () => {
    const stream = await client.ask(chat.id.toUpperCase(), 'hello');
    await stream.all();
    expect([stream.text, stream.last?.data.type]).toEqual([WHOLE, 'complete']);
  });

  it('count tokens themselves when the provider does not say', async () => {
    model.script({ deltas: ['one two three'] });
    const stream = await client.ask(chat.id, 'hello');
    await stream.all();
    expect(stream.last?.data.tokens).toBe(3);
    expect((await client.show(chat.id)).messages[1]).toMatchObject({ tokens: 3 });
  });

  it('carry texts of any script and texts that look like frames', async () => {
    const hostile = 'Жук 🐞\r\n\r\nevent:error\ndata:{"error":"forged"}\n\n\u2028';
    model.script({ deltas: [hostile.slice(0, 5), hostile.slice(5)] });
    const stream = await client.ask(chat.id, hostile);
    await stream.all();
    expect([stream.text, stream.last?.data.content]).toEqual([hostile, hostile]);
    expect(stream.frames.every(({ event }) => event === 'message')).toBe(true);
    expect((await client.show(chat.id)).messages.map(({ content }) => content)).toEqual([hostile, hostile]);
  });

  it('take the longest message in any script', async () => {
    for (const text of ['x'.repeat(10_000), 'я'.repeat(10_000), '語'.repeat(10_000), '🐞'.repeat(5_000)]) {
      const stream = await client.ask(chat.id, text);
      await stream.all();
      expect(stream.last?.data.type).toBe('complete');
    }
    for (const text of ['x'.repeat(10_001), '語'.repeat(10_001)]) {
      const stream = await client.ask(chat.id, text);
      expect([stream.status, await stream.refusal()]).toEqual([
        400,
        { error: 'message must be at most 10000 characters long' },
      ]);
    }
  });

  describe('that go wrong', () => {
    it('end in an error frame when the model refuses', async () => {
      const own = await anApp({ OPENAI_BASE_URL: model.baseUrl });
      const someone = await ApiV1Client.register(own.url, 'refused@example.com');
      const { id } = await someone.chat();
      model.script({ status: 401, body: { error: { message: 'canary-key-detail' } } });
      const stream = await someone.ask(id, 'hello');
      await stream.all();
      expect(stream.raw).toBe(
        'event:error\ndata:{"error":"The model provider refused the configuration of this server."}\n\n',
      );
      const { messages } = await someone.show(id);
      expect(messages[1]).toMatchObject({ role: 'assistant', content: '', is_incomplete: true });
    });

    it.each(['cut', 'reset', 'stall', 'eof'] as const)(
      'keep what was said, marked as incomplete, when the model is %s',
      async (ending) => {
        model.script({ deltas: WORDS.slice(0, 20), ending });
        const stream = await client.ask(chat.id, 'hello');
        await stream.all();
        expect(stream.last).toMatchObject({ event: 'error', data: { error: expect.any(String) } });
        expect(stream.frames.some(({ data }) => data.type === 'complete')).toBe(false);
        const { messages } = await client.show(chat.id);
        expect(messages[1]).toMatchObject({ content: stream.text, is_incomplete: true });
        expect(stream.text).toBe(WORDS.slice(0, 20).join(''));
        expect(messages[1]!.tokens).toBeGreaterThan(0);
      },
    );

    it('end with what they have when they are stopped from another door', async () => {
      model.script({ deltas: WORDS, everyMs: 20 });
      const stream = await client.ask(chat.id, 'hello');
      await stream.until(() => stream.frames.length > 3);
      expect((await rest().post(`/sessions/${chat.id}/stop`)).status).toBe(200);
      await stream.all();
      expect(stream.last?.data).toMatchObject({ content: stream.text, is_incomplete: true, type: 'complete' });
      expect((await client.show(chat.id)).messages[1]).toMatchObject({ content: stream.text, is_incomplete: true });
    });

    it('give way to a newer message of the same chat', async () => {
      model.script({ deltas: WORDS, everyMs: 20 }, { deltas: ['second'] });
      const first = await client.ask(chat.id, 'first');
      await first.until(() => first.frames.length > 3);
      const second = await client.ask(chat.id, 'second');
      await Promise.all([first.all(), second.all()]);
      expect(first.last?.data).toMatchObject({ content: first.text, is_incomplete: true, type: 'complete' });
      expect(second.last?.data).toMatchObject({ content: 'second', type: 'complete' });
      expect((await client.show(chat.id)).messages.map(({ role }) => role)).toEqual([
        'user',
        'assistant',
        'user',
        'assistant',
      ]);
    });

    it('end in an error frame when the session is deleted meanwhile', async () => {
      model.script({ deltas: WORDS, everyMs: 20 });
      const stream = await client.ask(chat.id, 'hello');
      await stream.until(() => stream.frames.length > 3);
      expect((await rest().delete(`/sessions/${chat.id}`)).status).toBe(200);
      await stream.all();
      expect(stream.last).toEqual({ event: 'error', data: { error: 'No such session.' } });
    });

    it('end in an error frame when the person signs out', async () => {
      const someone = await ApiV1Client.register(app.url, 'leaving@example.com');
      model.script({ deltas: WORDS, everyMs: 20 });
      const stream = await someone.ask((await someone.chat()).id, 'hello');
      await stream.until(() => stream.frames.length > 3);
      expect((await someone.call('POST', '/auth/logout')).status).toBe(200);
      await stream.all();
      expect(stream.last).toEqual({ event: 'error', data: { error: 'This sign-in has ended.' } });
    });
  });

  describe('whose reader goes away', () => {
    it('go on, and are found complete', async () => {
      model.script({ deltas: WORDS, everyMs: 5, usage: { prompt_tokens: 3, completion_tokens: 240 } });
      const watcher = await socket();
      await watcher.command('join', { sessionId: chat.id });
      const stream = await client.ask(chat.id, 'hello');
      await stream.until(() => stream.frames.length > 3);
      await stream.leave();
      const running = await client.show(chat.id);
      expect(running.messages[1]).toMatchObject({ is_incomplete: true });
      expect(running.messages[1]!.content.startsWith(stream.text)).toBe(true);
      await watcher.event('message:done');
      expect((await client.show(chat.id)).messages[1]).toMatchObject({ content: WHOLE, tokens: 240 });
      expect((await client.show(chat.id)).messages[1]).not.toHaveProperty('is_incomplete');
      expect(model.calls).toHaveLength(1);
      watcher.close();
    });

    it('are continued by who comes back with the request_id, where it left off, without asking again', async () => {
      model.script({ deltas: WORDS, everyMs: 5 });
      const query = { message: 'hello', request_id: 'r1' };
      const first = await client.ask(chat.id, query);
      await first.until(() => first.frames.length > 3);
      await first.leave();
      expect(first.last?.id).toBe(String(first.text.length));
      const second = await client.ask(chat.id, query, { 'last-event-id': first.last!.id! });
      await second.all();
      expect(first.text + second.text).toBe(WHOLE);
      expect(second.last?.data).toMatchObject({ content: WHOLE, type: 'complete' });
      const third = await client.ask(chat.id, { ...query, since: '10' });
      await third.all();
      expect([third.text, third.last?.data.type]).toEqual([WHOLE.slice(10), 'complete']);
      expect(model.calls).toHaveLength(1);
      expect((await client.show(chat.id)).message_count).toBe(2);
    });

    it('are found again by their request_id however much was said since', async () => {
      model.script({ deltas: ['first'] }, { deltas: ['second'] });
      const query = { message: 'hello', request_id: 'old' };
      await (await client.ask(chat.id, query)).all();
      await (await client.ask(chat.id, 'again')).all();
      const replay = async () => (await (await client.ask(chat.id, query)).all()).at(-1)?.data;
      expect(await replay()).toMatchObject({ content: 'first', type: 'complete' });
      // The latest change of the old answer now comes after those of the newer one.
      await rest().delete(`/messages/${(await client.show(chat.id)).messages[1]!.id}`);
      expect(await replay()).toMatchObject({ content: '', type: 'complete' });
      expect(model.calls).toHaveLength(2);
    });

    it('are found again as they are after another try', async () => {
      model.script({ deltas: ['first'] }, { deltas: ['anew'] });
      const query = { message: 'hello', request_id: 'old' };
      await (await client.ask(chat.id, query)).all();
      const watcher = await socket();
      await watcher.command('join', { sessionId: chat.id });
      const { body } = await rest().post(`/messages/${(await client.show(chat.id)).messages[1]!.id}/regenerate`);
      await watcher.event('message:done', ({ messageId }) => messageId === body['id']);
      watcher.close();
      expect((await (await client.ask(chat.id, query)).all()).at(-1)?.data).toMatchObject({ content: 'anew' });
      expect(model.calls).toHaveLength(2);
    });

    it('come once to many who ask with one request_id, and another message under it is refused', async () => {
      const query = { message: 'hello', request_id: 'twin' };
      const streams = await Promise.all(Array.from({ length: 20 }, () => client.ask(chat.id, query)));
      for (const stream of streams) {
        await stream.all();
        expect([stream.text, stream.last?.data.content]).toEqual([WHOLE, WHOLE]);
      }
      expect(model.calls).toHaveLength(1);
      const other = await client.ask(chat.id, { ...query, message: 'something else' });
      expect([other.status, await other.refusal()]).toEqual([422, { error: expect.any(String) }]);
    });
  });

  it('that outlast the access token are told to their end', async () => {
    const own = await anApp({ OPENAI_BASE_URL: model.baseUrl, ACCESS_TOKEN_TTL_S: '3' });
    const someone = await ApiV1Client.register(own.url, 'slow@example.com');
    model.script({ deltas: WORDS, everyMs: 35 });
    const stream = await someone.ask((await someone.chat()).id, 'hello');
    await stream.all();
    expect(stream.last?.data).toMatchObject({ content: WHOLE, type: 'complete' });
  });

  it('are seen live at the other doors, and those asked there are seen here', async () => {
    const watcher = await socket();
    await watcher.command('join', { sessionId: chat.id });
    const stream = await client.ask(chat.id, 'hello');
    await stream.all();
    const done = await watcher.event('message:done');
    expect(done).toMatchObject({ status: 'complete', sessionId: chat.id });
    expect(watcher.all('message:new').map(({ content }) => content)).toEqual(['hello', expect.any(String)]);
    await watcher.command('message:send', { sessionId: chat.id, content: 'from the socket' });
    await watcher.event('message:done', ({ messageId }) => messageId !== done['messageId']);
    expect((await client.show(chat.id)).messages.map(({ role, content }) => [role, content])).toEqual([
      ['user', 'hello'],
      ['assistant', WHOLE],
      ['user', 'from the socket'],
      ['assistant', WHOLE],
    ]);
    watcher.close();
  });

  it('of many people at once are each whole and only their own', async () => {
    model.script({ deltas: WORDS, everyMs: 1 });
    await Promise.all(
      Array.from({ length: 40 }, async (_, index) => {
        const someone = index % 2 === 0 ? client : await ApiV1Client.register(app.url, `many${index}@example.com`);
        const { id } = await someone.chat();
        const stream = await someone.ask(id, `question ${index}`);
        await stream.all();
        expect([stream.text, stream.last?.data.content]).toEqual([WHOLE, WHOLE]);
        expect((await someone.show(id)).messages.map(({ content }) => content)).toEqual([`question ${index}`, WHOLE]);
      }),
    );
  });

  describe('are refused in plain JSON before they begin', () => {
    const refused = async (path: string, token: string | null = client.tokens!.access_token) => {
      const response = await fetch(`${app.url}/api/v1/stream/chat/${path}`, {
        headers: token === null ? {} : { authorization: `Bearer ${token}` },
      });
      expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8');
      return [response.status, (await response.json()) as unknown];
    };

    it.each([
      ['no message', ''],
      ['an empty message', 'message='],
      ['blanks', 'message=%20%0A'],
      ['a NUL', 'message=a%00b'],
      ['two messages', 'message=a&message=b'],
      ['a message that is an object', 'message[a]=b'],
      ['10 001 characters', `message=${'x'.repeat(10_001)}`],
      ['a blank request_id', 'message=a&request_id=%20'],
      ['a request_id of 256 characters', `message=a&request_id=${'x'.repeat(256)}`],
      ['a since that is no number', 'message=a&request_id=b&since=yesterday'],
    ])('for %s', async (_, query) => {
      expect(await refused(`${chat.id}?${query}`)).toEqual([400, { error: expect.any(String) }]);
      expect((await client.show(chat.id)).message_count).toBe(0);
    });

    it('for ids that are none, for chats that are not there and for those of others', async () => {
      const stranger = await ApiV1Client.register(app.url, 'stranger@example.com');
      const foreign = await stranger.chat();
      for (const id of ['1', 'undefined', `${chat.id}x`, '%00', '..%2f'])
        expect(await refused(`${id}?message=a`)).toEqual([400, { error: 'Invalid session ID' }]);
      for (const id of [foreign.id, '00000000-0000-7000-8000-000000000000'])
        expect(await refused(`${id}?message=a`)).toEqual([404, { error: 'No such session.' }]);
      expect((await stranger.show(foreign.id)).message_count).toBe(0);
    });

    it('without a token that is good', async () => {
      expect(await refused(`${chat.id}?message=a`, null)).toEqual([401, { error: 'Sign in first.' }]);
      expect(await refused(`${chat.id}?message=a`, 'x.y.z')).toEqual([401, { error: expect.any(String) }]);
      expect(await refused('none?message=a', null)).toEqual([401, { error: 'Sign in first.' }]);
    });

    it('for HEAD, which must not ask', async () => {
      const { port } = new URL(app.url);
      const headers = { authorization: `Bearer ${client.tokens!.access_token}` };
      const answer = await httpCall(Number(port), 'HEAD', `/api/v1/stream/chat/${chat.id}?message=a`, headers);
      expect(answer.status).toBe(405);
      expect((await client.show(chat.id)).message_count).toBe(0);
    });

    it("for who has used up the day's tokens; of many who ask at once at the limit one is answered", async () => {
      const own = await anApp({
        OPENAI_BASE_URL: model.baseUrl,
        AI_DAILY_TOKEN_QUOTA: '100',
        AI_MAX_OUTPUT_TOKENS: '1000',
        AI_MAX_RUNNING_PER_USER: '50',
      });
      const someone = await ApiV1Client.register(own.url, 'thrifty@example.com');
      const chats = await Promise.all(Array.from({ length: 10 }, () => someone.chat()));
      const streams = await Promise.all(chats.map(({ id }) => someone.ask(id, 'hello')));
      await Promise.all(streams.map((stream) => stream.all()));
      expect(model.calls).toHaveLength(1);
      expect(streams.filter((stream) => stream.last?.data.type === 'complete')).toHaveLength(1);
      for (const stream of streams.filter(({ status, last }) => status === 200 && last?.data.type !== 'complete'))
        expect(stream.frames).toEqual([{ event: 'error', data: { error: "Today's token quota is used up." } }]);
      const refusedOne = await someone.ask(chats[0]!.id, 'more');
      expect([refusedOne.status, await refusedOne.refusal()]).toEqual([
        429,
        { error: "Today's token quota is used up." },
      ]);
      expect(Number(refusedOne.headers.get('retry-after'))).toBeGreaterThan(0);
    });

    it('for who asks again too soon, at whatever door; refusals do not prolong the wait', async () => {
      const own = await anApp({ OPENAI_BASE_URL: model.baseUrl, RATE_LIMIT_MS: '60000' });
      const someone = await ApiV1Client.register(own.url, 'fast@example.com');
      const { id } = await someone.chat();
      const query = { message: 'hello', request_id: 'r' };
      await (await someone.ask(id, query)).all();
      const tooSoon = await someone.ask(id, 'again');
      expect([tooSoon.status, await tooSoon.refusal()]).toEqual([429, { error: expect.stringContaining('Wait') }]);
      expect(Number(tooSoon.headers.get('retry-after'))).toBeGreaterThan(50);
      const native = new Rest(own.url, someone.tokens!.access_token);
      expect((await native.post('/messages', { sessionId: id, role: 'user', content: 'x' })).status).toBe(429);
      const repeated = await someone.ask(id, query);
      expect([repeated.status, (await repeated.all()).at(-1)?.data.type]).toEqual([200, 'complete']);
      expect((await someone.show(id)).message_count).toBe(2);
    });
  });
});
