import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { WebSocket } from 'ws';
import { TestApp } from '../support/app.js';
import { PlainClient } from '../support/plain-client.js';
import { ScriptedOpenAi } from '../support/scripted-openai.js';

const WORDS = Array.from({ length: 50 }, (_, index) => `word${index} `);

describe('the WebSocket at /', () => {
  let app: TestApp;
  let model: ScriptedOpenAi;
  const clients: PlainClient[] = [];

  beforeAll(async () => {
    model = await ScriptedOpenAi.start();
    app = await TestApp.start({
      OPENAI_BASE_URL: model.baseUrl,
      ANONYMOUS_CHAT: 'true',
      MAX_HISTORY_LENGTH: '4',
      AI_MAX_RUNNING_PER_USER: '50',
    });
  });

  afterEach(() => clients.splice(0).forEach((client) => client.close()));

  afterAll(async () => {
    await app.close();
    await model.stop();
  });

  async function connect(path = '/', url = app.url): Promise<PlainClient> {
    const client = await PlainClient.connect(url, path);
    clients.push(client);
    return client;
  }

  const lastTurns = () =>
    (model.calls.at(-1)!.body['messages'] as { role: string; content: string }[])
      .slice(1)
      .map(({ content }) => content);

  it('answers in chunks and says when it is done', async () => {
    model.script({ deltas: WORDS });
    const client = await connect();
    expect(await client.ask('hello')).toEqual({ text: WORDS.join(''), end: { type: 'done' } });
  });

  it('remembers the latest messages of the connection, and no others', async () => {
    model.script({ deltas: ['one'] }, { deltas: ['two'] }, { deltas: ['three'] });
    const client = await connect();
    await client.ask('first');
    await client.ask('second');
    expect(lastTurns()).toEqual(['first', 'one', 'second']);
    await client.ask('third');
    expect(lastTurns().at(-1)).toBe('third');
    expect(lastTurns()).not.toContain('first');
    const other = await connect();
    await other.ask('fresh');
    expect(lastTurns()).toEqual(['fresh']);
  });

  it.each([
    ['no JSON', 'text', '{"type":'],
    ['a binary frame', 'binary', Buffer.from('{"type":"message","content":"x"}')],
    ['an array', 'json', []],
    ['null', 'text', 'null'],
    ['an unknown type', 'json', { type: 'shout', content: 'x' }],
    ['no content', 'json', { type: 'message' }],
    ['content of another type', 'json', { type: 'message', content: { text: 'x' } }],
    ['blanks', 'json', { type: 'message', content: ' \n\t ' }],
    ['10 001 characters', 'json', { type: 'message', content: 'x'.repeat(10_001) }],
    ['NUL', 'json', { type: 'message', content: 'a\0b' }],
    ['half a character', 'text', '{"type":"message","content":"\\ud83d"}'],
    ['deep nesting', 'text', `{"type":"message","content":"x","more":${'['.repeat(20_000)}${']'.repeat(20_000)}}`],
    ['__proto__', 'text', '{"type":"message","content":"x","__proto__":{"a":1}}'],
  ])('refuses %s with an error frame and stays open', async (_, kind, frame) => {
    model.script({ deltas: ['fine'] });
    const client = await connect();
    client.socket.send(kind === 'json' ? JSON.stringify(frame) : (frame as string | Buffer));
    const { end } = await client.answerFrom(0);
    expect(end).toEqual({ type: 'error', message: expect.any(String) });
    expect(await client.ask('and now')).toEqual({ text: 'fine', end: { type: 'done' } });
    expect(model.calls).toHaveLength(1);
  });

  it('takes a message that comes in fragments, and 10 000 characters', async () => {
    model.script({ deltas: ['fine'] });
    const client = await connect();
    client.socket.send('{"type":"message",', { fin: false });
    client.socket.send('"content":"hello"}', { fin: true });
    expect((await client.answerFrom(0)).end).toEqual({ type: 'done' });
    expect((await client.ask('я'.repeat(10_000))).end).toEqual({ type: 'done' });
  });

  it('closes a connection whose frame is too large, and only that one', async () => {
    const [client, other] = [await connect(), await connect()];
    client.socket.send('x'.repeat(64 * 1024 + 1));
    expect(await client.over()).toMatchObject({ code: 1009 });
    model.script({ deltas: ['fine'] });
    expect((await other.ask('hello')).end).toEqual({ type: 'done' });
  });

  it('keeps accepted messages apart; a refused one does not move the window', async () => {
    const own = await TestApp.start({
      OPENAI_BASE_URL: model.baseUrl,
      ANONYMOUS_CHAT: 'true',
      RATE_LIMIT_MS: '600000',
    });
    model.script({ deltas: ['fine'] });
    const client = await connect('/', own.url);
    for (const bad of [{ type: 'x' }, { type: 'message', content: '' }])
      expect((await client.ask(bad)).end.type).toBe('error');
    expect((await client.ask('one')).end).toEqual({ type: 'done' });
    expect((await client.ask('two')).end).toEqual({ type: 'error', message: expect.stringContaining('Wait') });
    const other = await connect('/', own.url);
    expect((await other.ask('mine')).end).toEqual({ type: 'done' });
    await own.close();
  });

  it('says error instead of done when the model fails, and goes on', async () => {
    model.script({ deltas: ['so far'], ending: 'eof' }, { deltas: ['fine'] });
    const client = await connect();
    expect(await client.ask('hello')).toEqual({ text: 'so far', end: { type: 'error', message: expect.any(String) } });
    expect(await client.ask('again')).toEqual({ text: 'fine', end: { type: 'done' } });
    expect(client.frames.filter(({ type }) => type === 'done')).toHaveLength(1);
  });

  it('stops the model when somebody without an account leaves', async () => {
    model.script({ endless: 'more ' });
    const client = await connect();
    client.say('never end');
    await client.until(() => client.frames.length > 3);
    client.close();
    expect((await model.calls[0]!.closed).byClient).toBe(true);
  });

  it('keeps what a signed-in person says as a session of theirs, and goes on without a listener', async () => {
    model.script({ deltas: WORDS, everyMs: 2 });
    const person = await app.person();
    const client = await connect(`/?token=${person.token}`);
    client.say('keep this');
    await client.until(() => client.frames.length > 3);
    const [session] = (await person.get<{ id: string }[]>('/sessions')).body;
    const watcher = await person.socket();
    await watcher.command('join', { sessionId: session!.id });
    client.close();
    await watcher.event('message:done');
    expect((await person.messages(session!.id)).map(({ role, content, status }) => [role, content, status])).toEqual([
      ['user', 'keep this', 'complete'],
      ['assistant', WORDS.join(''), 'complete'],
    ]);
    model.script({ deltas: ['more'] });
    const again = await connect(`/?token=${person.token}&sessionId=${session!.id}`);
    expect(await again.ask('go on')).toEqual({ text: 'more', end: { type: 'done' } });
    expect(await person.messages(session!.id)).toHaveLength(4);
    person.closeSockets();
  });

  it('answers a repeated clientMessageId with the same answer and asks once', async () => {
    model.script({ deltas: WORDS, everyMs: 1 });
    const person = await app.person();
    const sessionId = await person.session();
    const frame = { type: 'message', content: 'once', clientMessageId: 'k' };
    const twins = await Promise.all(
      Array.from({ length: 10 }, async () => {
        const client = await connect(`/?token=${person.token}&sessionId=${sessionId}`);
        return client.ask(frame);
      }),
    );
    for (const twin of twins) expect(twin).toEqual({ text: WORDS.join(''), end: { type: 'done' } });
    const later = await connect(`/?token=${person.token}&sessionId=${sessionId}`);
    expect(await later.ask(frame)).toEqual({ text: WORDS.join(''), end: { type: 'done' } });
    expect((await later.ask({ ...frame, content: 'other' })).end.type).toBe('error');
    expect(model.calls).toHaveLength(1);
    expect(await person.messages(sessionId)).toHaveLength(2);
  });

  it('takes a ticket once and closes when the person signs out', async () => {
    model.script({ deltas: ['fine'] });
    const person = await app.person();
    const { ticket } = (await person.post<{ ticket: string }>('/sse/ticket')).body;
    const client = await connect(`/?ticket=${ticket}`);
    expect((await client.ask('hello')).end).toEqual({ type: 'done' });
    const twice = await connect(`/?ticket=${ticket}`);
    expect(await twice.over()).toMatchObject({ code: 4401 });
    await person.post('/auth/logout?all=true');
    expect(await client.over()).toEqual({ code: 4401, reason: 'signed_out' });
  });

  it('lets nobody in without a token when that is not allowed, nor with a bad one', async () => {
    const own = await TestApp.start({ ANONYMOUS_CHAT: 'false' });
    for (const path of ['/', '/?token=forged', '/?ticket=forged']) {
      const client = await connect(path, own.url);
      client.say('hello');
      expect(await client.over()).toMatchObject({ code: 4401 });
      expect(client.frames).toEqual([{ type: 'error', message: expect.any(String) }]);
    }
    const stranger = await own.person();
    const owner = await own.person();
    const client = await connect(`/?token=${stranger.token}&sessionId=${await owner.session()}`, own.url);
    expect(await client.over()).toMatchObject({ code: 4401, reason: 'SESSION_NOT_FOUND' });
    await own.close();
  });

  it('answers unknown upgrade paths with 404 and foreign origins with 403', async () => {
    const refused = (path: string, options: object = {}) =>
      new Promise<number | undefined>((resolve) => {
        const socket = new WebSocket(app.url.replace('http', 'ws') + path, options);
        socket.on('unexpected-response', (_, response) => resolve(response.statusCode));
        socket.on('open', () => resolve(101));
        socket.on('error', () => undefined);
      });
    expect(await refused('/nowhere')).toBe(404);
    expect(await refused('//')).toBe(404);
    expect(await refused('/', { origin: 'https://evil.example' })).toBe(403);
  });

  it('closes with 1001 when the server shuts down', async () => {
    const own = await TestApp.start({ ANONYMOUS_CHAT: 'true' });
    const client = await connect('/', own.url);
    await own.close();
    expect(await client.over()).toEqual({ code: 1001, reason: 'server_shutting_down' });
  });
});
