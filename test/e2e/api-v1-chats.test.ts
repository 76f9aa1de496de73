import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ApiV1Client, type Chat } from '../support/api-v1-client.js';
import { TestApp } from '../support/app.js';
import { BAD_BODIES, badTexts } from '../support/bad-bodies.js';
import { ChatClient } from '../support/chat-client.js';
import { Rest } from '../support/person.js';

const ISO = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
const UUID = expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
const AN_ERROR = { error: expect.stringMatching(/\S/) };
/** Bodies that this dialect takes, because it leaves out what it does not know. */
const HARMLESS_HERE = ['an unknown key', "somebody's owner id"];

describe('chats under /api/v1', () => {
  let app: TestApp;
  let client: ApiV1Client;
  let people = 0;

  beforeAll(async () => {
    app = await TestApp.start();
    client = await someone();
  });

  afterAll(() => app.close());

  const someone = () => ApiV1Client.register(app.url, `chats-${++people}@example.com`);
  const native = () => new Rest(app.url, client.tokens!.access_token);
  const refusals = (answers: { status: number; body: unknown }[]) => answers.map(({ status, body }) => [status, body]);

  it('are made, shown, renamed, archived and restored', async () => {
    const chat = await client.chat({ title: 'Trip', model_used: 'echo', surprise: 1 });
    expect(chat).toEqual({
      id: UUID,
      title: 'Trip',
      model_used: 'echo',
      created_at: ISO,
      updated_at: ISO,
      is_archived: false,
      message_count: 0,
    });
    expect((await client.call('GET', `/chats/${chat.id}`)).body).toEqual(chat);
    expect((await client.call('GET', `/chats/${chat.id.toUpperCase()}`)).body).toEqual(chat);
    const renamed = await client.call<Chat>('PUT', `/chats/${chat.id}`, { title: 'Поездка', is_archived: true });
    expect([renamed.status, renamed.body]).toEqual([
      200,
      { ...chat, title: 'Поездка', updated_at: renamed.body.updated_at },
    ]);
    const archived = await client.call('DELETE', `/chats/${chat.id}`);
    expect([archived.status, archived.body]).toEqual([200, { message: expect.any(String) }]);
    expect((await client.call('DELETE', `/chats/${chat.id}`)).status).toBe(200);
    expect((await client.call('GET', `/chats/${chat.id}`)).body).toMatchObject({ is_archived: true });
    const restored = await client.call('POST', `/chats/${chat.id}/restore`);
    expect([restored.status, restored.body]).toMatchObject([
      200,
      { id: chat.id, is_archived: false, message: expect.any(String) },
    ]);
    expect((await client.call('GET', `/chats/${chat.id}`)).body).toMatchObject({ is_archived: false });
  });

  it('are listed with the latest active first, the archived ones only when asked for', async () => {
    const me = await someone();
    expect((await me.call('GET', '/chats')).body).toEqual([]);
    const first = await me.chat({ title: 'first' });
    const second = await me.chat({ title: 'second' });
    const third = await me.chat({ title: 'third' });
    await (await me.ask(first.id, 'hello')).all();
    await me.call('DELETE', `/chats/${second.id}`);
    const titles = async (query: string) =>
      (await me.call<Chat[]>('GET', `/chats${query}`)).body.map(({ title, message_count, is_archived }) => [
        title,
        message_count,
        is_archived,
      ]);
    const shown = [
      ['first', 2, false],
      ['third', 0, false],
    ];
    for (const query of ['', '?include_archived=false', '?include_archived=', '?include_archived=a&surprise=1'])
      expect(await titles(query)).toEqual(shown);
    expect(await titles('?include_archived=true')).toEqual([['second', 0, true], ...shown]);
    const page = await me.call<Chat[]>('GET', '/chats?include_archived=true&limit=2');
    expect(page.body).toHaveLength(2);
    const [, next] = /^<\/api\/v1(.*)>; rel="next"$/.exec(page.headers.get('link') ?? '') ?? [];
    expect((await me.call<Chat[]>('GET', next!)).body.map(({ id }) => id)).toEqual([third.id]);
  });

  it('without a title are called New Chat until their first exchange', async () => {
    for (const body of [undefined, {}, { title: null }, { title: '' }, { title: ' \n' }]) {
      const made = await client.call<Chat>('POST', '/chats', body);
      expect([made.status, made.body]).toMatchObject([201, { title: 'New Chat', model_used: 'echo' }]);
    }
    const chat = await client.chat();
    const socket = await ChatClient.connect(app.url, client.tokens!.access_token);
    await (await client.ask(chat.id, 'How do I boil an egg?')).all();
    await socket.event('session:updated', ({ sessionId }) => sessionId === chat.id);
    expect((await client.show(chat.id)).title).toBe('How do I boil an egg?');
    socket.close();
  });

  it('are answered by the default when they ask for a model that is not here', async () => {
    for (const model_used of ['gpt-17', '', null])
      expect(await client.chat({ model_used })).toMatchObject({ model_used: 'echo' });
  });

  it('show their messages as people see them: without the replaced and the deleted ones', async () => {
    const chat = await client.chat();
    expect((await client.show(chat.id)).messages).toEqual([]);
    await (await client.ask(chat.id, 'first')).all();
    await (await client.ask(chat.id, 'second')).all();
    const before = await client.show(chat.id);
    expect(before.messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'user', 'assistant']);
    await native().delete(`/messages/${before.messages[0]!.id}`);
    const socket = await ChatClient.connect(app.url, client.tokens!.access_token);
    await socket.command('join', { sessionId: chat.id });
    const again = await native().post(`/messages/${before.messages[3]!.id}/regenerate`);
    await socket.event('message:done', ({ messageId }) => messageId === again.body['id']);
    socket.close();
    const { messages, message_count } = await client.show(chat.id);
    expect(messages.map(({ id }) => id)).toEqual([before.messages[1]!.id, before.messages[2]!.id, again.body['id']]);
    expect(message_count).toBe(3);
    expect((await client.call('GET', `/chats/${chat.id}`)).body).toMatchObject({ message_count: 3 });
    const places = messages.map(({ sequence_number }) => sequence_number);
    expect(places).toEqual([...places].sort((a, b) => a - b));
  });

  it('show all their messages however many they are', async () => {
    const chat = await client.chat();
    const rest = native();
    for (let sent = 0; sent < 450; sent += 50)
      await Promise.all(
        Array.from({ length: 50 }, (_, index) =>
          rest.post('/messages', { sessionId: chat.id, role: 'assistant', content: `note ${sent + index}` }),
        ),
      );
    const { messages, message_count } = await client.show(chat.id);
    expect([message_count, messages.length]).toEqual([450, 450]);
    expect(messages.map(({ sequence_number }) => sequence_number)).toEqual(
      Array.from({ length: 450 }, (_, index) => index + 1),
    );
  });

  it('come once to one Idempotency-Key', async () => {
    const me = await someone();
    const make = (title: string) => me.call<Chat>('POST', '/chats', { title }, { 'idempotency-key': 'k1' });
    const answers = await Promise.all(Array.from({ length: 10 }, () => make('once')));
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
    expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(201));
    expect((await make('once')).headers.get('idempotent-replayed')).toBe('true');
    expect((await me.call<Chat[]>('GET', '/chats')).body).toEqual([answers[0]!.body]);
    const other = await make('twice');
    expect([other.status, other.body]).toEqual([422, AN_ERROR]);
    const bad = await me.call('POST', '/chats', {}, { 'idempotency-key': 'x'.repeat(256) });
    expect([bad.status, bad.body]).toEqual([400, AN_ERROR]);
  });

  it.each([
    ...BAD_BODIES.filter(([name]) => !HARMLESS_HERE.includes(name)),
    ...[...badTexts('title', 200), ...badTexts('model_used', 200)].filter(([name]) => name !== 'blanks only'),
  ])('are not made of %s', async (_, body) => {
    const answer = await client.call('POST', '/chats', body);
    expect([answer.status, answer.body]).toEqual([400, AN_ERROR]);
  });

  it.each([...BAD_BODIES, ['a null title', '{"title":null}'] as const, ...badTexts('title', 200)])(
    'are not renamed to %s',
    async (_, body) => {
      const chat = await client.chat({ title: 'kept' });
      const answer = await client.call('PUT', `/chats/${chat.id}`, body);
      expect([answer.status, answer.body]).toEqual([400, AN_ERROR]);
      expect((await client.show(chat.id)).title).toBe('kept');
    },
  );

  it.each(['limit=0', 'limit=101', 'limit=a', 'limit=1&limit=2', 'cursor=none'])(
    'are not listed by %s',
    async (query) => {
      const answer = await client.call('GET', `/chats?${query}`);
      expect([answer.status, answer.body]).toEqual([400, AN_ERROR]);
    },
  );

  it('of others, absent ones and ids that are none cannot be told, seen or changed', async () => {
    const stranger = await someone();
    const foreign = await stranger.chat({ title: 'secret' });
    const everywhere = (id: string) => [
      () => client.call('GET', `/chats/${id}`),
      () => client.call('GET', `/chats/${id}?include_messages=true`),
      () => client.call('PUT', `/chats/${id}`, { title: 'mine' }),
      () => client.call('DELETE', `/chats/${id}`),
      () => client.call('POST', `/chats/${id}/restore`),
    ];
    for (const id of [foreign.id, '00000000-0000-7000-8000-000000000000'])
      for (const attempt of everywhere(id))
        expect(refusals([await attempt()])).toEqual([[404, { error: 'No such session.' }]]);
    for (const id of ['1', 'undefined', `${foreign.id}0`, '%27'])
      for (const attempt of everywhere(id))
        expect(refusals([await attempt()])).toEqual([[400, { error: 'Invalid session ID' }]]);
    expect((await client.call<Chat[]>('GET', '/chats?include_archived=true')).body.map(({ id }) => id)).not.toContain(
      foreign.id,
    );
    expect((await stranger.call('GET', `/chats/${foreign.id}`)).body).toEqual(foreign);
  });

  it('are gone for this door when they are deleted at another', async () => {
    const chat = await client.chat();
    await native().delete(`/sessions/${chat.id}`);
    expect((await client.call('GET', `/chats/${chat.id}`)).status).toBe(404);
    expect((await client.call('POST', `/chats/${chat.id}/restore`)).status).toBe(404);
  });

  it('and what becomes of them is told live at the other doors', async () => {
    const socket = await ChatClient.connect(app.url, client.tokens!.access_token);
    const chat = await client.chat();
    await socket.event('session:created', ({ sessionId }) => sessionId === chat.id);
    await client.call('PUT', `/chats/${chat.id}`, { title: 'new' });
    await socket.event('session:updated', ({ sessionId }) => sessionId === chat.id);
    await client.call('DELETE', `/chats/${chat.id}`);
    await socket.until(() => socket.all('session:updated').length >= 2, 'the second change');
    expect((await native().get(`/sessions/${chat.id}`)).body).toMatchObject({ title: 'new', isArchived: true });
    socket.close();
  });
});
