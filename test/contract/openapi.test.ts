import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AppShutdown } from '../../src/app.shutdown.js';
import { AppConfig } from '../../src/config/app-config.js';
import type { MessageResponse } from '../../src/messages/dto/message.response.dto.js';
import { createApiDocument } from '../../src/openapi/api-docs.js';
import { InboxRepository } from '../../src/telegram/inbox.repository.js';
import { ApiChecker } from '../support/api-checker.js';
import { TestApp } from '../support/app.js';
import type { Person } from '../support/person.js';

const ADMIN = { email: 'root@example.com', password: 'a long password of the admin' };
const ABSENT = '00000000-0000-7000-8000-000000000000';

interface Tokens {
  accessToken: string;
  refreshToken: string;
}

/** Files of customers come from Telegram; test/e2e/telegram-desk.test.ts downloads them. */
const NEEDS_TELEGRAM = 'downloadChatFile';

describe('the API document', () => {
  let app: TestApp;
  let api: ApiChecker;
  let person: Person;
  let token: string;
  let sessionId: string;
  let deskToken: string;

  beforeAll(async () => {
    app = await TestApp.start({
      ADMIN_EMAIL: ADMIN.email,
      ADMIN_PASSWORD: ADMIN.password,
      GOOGLE_CLIENT_ID: 'client',
      GOOGLE_CLIENT_SECRET: 'secret',
      GOOGLE_REDIRECT_URL: 'http://localhost:5173/',
    });
    api = new ApiChecker(app.url, new URL('../../docs/openapi.json', import.meta.url));
    person = await app.person();
    token = person.token ?? '';
    sessionId = await person.session();
  });

  afterAll(() => app.close());

  const question = async (content: string): Promise<string> => {
    const sent = await api.call<MessageResponse>('POST', '/messages', {
      token,
      body: { sessionId, role: 'user', content },
    });
    expect(sent.status).toBe(201);
    return sent.body.id;
  };

  /** The answer to the newest question, once it is complete. */
  const answer = async (): Promise<MessageResponse> => {
    const { text } = await api.call('GET', '/sse/sessions/{id}/stream', {
      id: sessionId,
      token,
      query: { prompt: 'And now?' },
    });
    expect(text).toContain('event: message:done');
    return (await person.messages(sessionId)).at(-1) as MessageResponse;
  };

  it('names every route of the application and no other', () => {
    const routes = (document: { paths: object }) =>
      Object.entries(document.paths)
        .flatMap(([path, item]) => Object.keys(item as object).map((method) => `${method.toUpperCase()} ${path}`))
        .sort();
    expect(routes(createApiDocument(app.app, app.app.get(AppConfig).version))).toEqual(routes(api.document));
  });

  it('shows examples that are what they are examples of', () => {
    const schemas = Object.entries(api.document.components.schemas);
    const examples = schemas.filter(([, schema]) => schema['example'] !== undefined);
    expect(examples.length).toBeGreaterThan(10);
    for (const [name, { example }] of examples) expect(api.problemsOf(name, example)).toBeNull();
  });

  it('is served', async () => {
    const served = await person.get<{ openapi: string }>('/openapi.json');
    expect(served.body.openapi).toBe('3.1.0');
  });

  it('tells how people come and go', async () => {
    const account = { email: 'new@example.com', password: 'quite a long password' };
    const registered = await api.call<Tokens>('POST', '/auth/register', { body: { ...account, name: 'New' } });
    expect(registered.status).toBe(201);
    expect((await api.call('POST', '/auth/register', { body: account })).status).toBe(409);
    expect((await api.call('POST', '/auth/login', { body: account })).status).toBe(200);
    const wrong = { ...account, password: 'not the password' };
    expect((await api.call('POST', '/auth/login', { body: wrong })).status).toBe(401);
    for (let attempt = 0; attempt < 8; attempt++) await api.call('POST', '/auth/login', { body: wrong });
    expect(api.seen.get('login')).toContain(429);

    const refreshed = await api.call<Tokens>('POST', '/auth/refresh', { token: registered.body.refreshToken });
    expect(refreshed.status).toBe(200);
    expect((await api.call('POST', '/auth/refresh', { body: { refreshToken: 'nothing' } })).status).toBe(401);
    for (const path of ['/users/me', '/auth/me'])
      expect((await api.call('GET', path, { token: refreshed.body.accessToken })).status).toBe(200);
    expect((await api.call('POST', '/auth/logout', { token: refreshed.body.accessToken })).status).toBe(204);
    expect((await api.call('GET', '/users/me', { token: refreshed.body.accessToken })).status).toBe(401);
  });

  it('tells how people sign in with Google', async () => {
    expect((await api.call('GET', '/auth/google')).status).toBe(302);
    const query = { state: 'unknown', code: 'unknown' };
    const browser = { accept: 'text/html' };
    expect((await api.call('GET', '/auth/google/callback', { query, headers: browser })).status).toBe(302);
    expect((await api.call('GET', '/auth/google/callback', { query })).status).toBe(401);
  });

  it('tells what accounts are', async () => {
    const changes = { name: 'Somebody', avatarUrl: null };
    expect((await api.call('PATCH', '/users/me', { token, body: changes })).status).toBe(200);
    expect((await api.call('PUT', '/users/me', { token, body: { firstName: 'Some' } })).status).toBe(200);
    expect((await api.call('GET', '/users/me/usage', { token })).status).toBe(200);
    expect((await api.call('GET', '/users/me/export', { token })).status).toBe(200);
    expect((await api.call('GET', '/users', { token, query: { search: 'Some' } })).status).toBe(200);
    expect((await api.call('GET', '/users', { token })).status).toBe(403);

    const leaving = await app.person();
    expect((await api.call('DELETE', '/users/me', { token: leaving.token })).status).toBe(204);
  });

  it('tells what administrators may do', async () => {
    const admin = (await api.call<Tokens>('POST', '/auth/login', { body: ADMIN })).body.accessToken;
    expect((await api.call('GET', '/users', { token: admin, query: { limit: '1' } })).headers.has('link')).toBe(true);
    const role = (id: string, wanted: string) =>
      api.call('PATCH', '/users/{id}/role', { id, token: admin, body: { role: wanted } });
    const other = await app.person();
    expect((await role(other.id, 'operator')).status).toBe(200);
    expect((await role(ABSENT, 'operator')).status).toBe(404);
    expect((await api.call('DELETE', '/users/me', { token: admin })).status).toBe(409);
    const refused = { id: other.id, token, body: { role: 'admin' } };
    expect((await api.call('PATCH', '/users/{id}/role', refused)).status).toBe(403);
  });

  it('tells what groups and sessions are', async () => {
    const key = { 'idempotency-key': 'the-group' };
    const made = await api.call<{ id: string }>('POST', '/groups', { token, body: { name: 'Plans' }, headers: key });
    expect(made.status).toBe(201);
    const again = await api.call('POST', '/groups', { token, body: { name: 'Plans' }, headers: key });
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    const reused = await api.call('POST', '/groups', { token, body: { name: 'Others' }, headers: key });
    expect(reused.status).toBe(422);
    const { id } = made.body;
    expect((await api.call('PATCH', '/groups/{id}', { id, token, body: { name: 'Trips' } })).status).toBe(200);
    expect((await api.call('GET', '/groups', { token })).status).toBe(200);

    const body = { title: 'A trip', groupId: id, systemPrompt: 'Be brief.' };
    const session = (await api.call<{ id: string }>('POST', '/sessions', { token, body })).body.id;
    expect((await api.call('POST', '/sessions', { token, body: { model: 'nobody-has-it' } })).status).toBe(400);
    const at = { id: session, token };
    expect((await api.call('GET', '/groups/{id}/sessions', { id, token })).status).toBe(200);
    expect((await api.call('GET', '/sessions/{id}', at)).status).toBe(200);
    expect((await api.call('PATCH', '/sessions/{id}', { ...at, body: { archived: true } })).status).toBe(200);
    expect((await api.call('PATCH', '/sessions/{id}/favorite', { ...at, body: { isFavorite: true } })).status).toBe(
      200,
    );
    expect((await api.call('PATCH', '/sessions/{id}/group', { ...at, body: { groupId: null } })).status).toBe(200);
    const page = await api.call('GET', '/sessions', { token, query: { limit: '1', archived: 'true' } });
    expect(page.status).toBe(200);
    expect((await api.call('GET', '/sessions', { token, query: { cursor: 'mine' } })).status).toBe(400);
    expect((await api.call('DELETE', '/sessions/{id}', at)).status).toBe(200);
    expect((await api.call('DELETE', '/groups/{id}', { id, token })).status).toBe(200);
  });

  it('tells what is said', async () => {
    const id = await question('What is the tide?');
    const at = { id, token };
    const reply = await answer();
    expect((await api.call('GET', '/messages/{id}', { id: sessionId, token, query: { limit: '1' } })).status).toBe(200);
    expect((await api.call('GET', '/messages/search', { token, query: { q: 'tide' } })).status).toBe(200);
    expect((await api.call('GET', '/conversations/{id}/sync', { id: sessionId, token })).status).toBe(200);
    const edit = { content: 'What is the ebb?' };
    expect((await api.call('PATCH', '/messages/{id}', { id: reply.id, token, body: edit })).status).toBe(409);
    expect((await api.call('PATCH', '/messages/{id}', { ...at, body: edit })).status).toBe(200);
    expect((await api.call('GET', '/messages/{id}/revisions', at)).body).toHaveLength(1);
    expect((await api.call('POST', '/messages/{id}/regenerate', at)).status).toBe(409);
    const again = await api.call('POST', '/messages/{id}/regenerate', { id: (await answer()).id, token });
    expect(again.status).toBe(201);
    expect((await api.call('POST', '/messages/{id}/stop', { id: String(again.body['id']), token })).status).toBe(200);
    expect((await api.call('POST', '/sessions/{id}/stop', { id: sessionId, token })).status).toBe(200);
    expect((await api.call('DELETE', '/messages/{id}', at)).status).toBe(200);
    expect((await api.call('GET', '/ai/models', { token })).status).toBe(200);
    const whole = { id: sessionId, token };
    const exported = await api.call<{ messages: unknown[] }>('GET', '/sessions/{id}/export.json', whole);
    expect(exported.body.messages.length).toBeGreaterThan(4);
    expect((await api.call('GET', '/sessions/{id}/export.md', whole)).text).toMatch(/^# /);
  });

  it('tells what chat rooms are', async () => {
    const other = await app.person();
    const body = { type: 'GROUP', name: 'Tea', participantIds: [other.id] };
    const { id } = (await api.call<{ id: string }>('POST', '/chat-rooms', { token, body })).body;
    const at = { id, token };
    const said = await api.call<{ id: string }>('POST', '/chat-rooms/{id}/messages', {
      ...at,
      body: { content: 'Tea?' },
    });
    expect(said.status).toBe(201);
    const reaction = { id: said.body.id, token, emoji: '👍' };
    for (const method of ['POST', 'DELETE'])
      expect((await api.call(method, '/messages/{id}/reactions/{emoji}', reaction)).status).toBe(200);
    expect((await api.call('GET', '/users/me/mentions', { token: other.token })).status).toBe(200);
    const noEmoji = { ...reaction, emoji: 'thumb' };
    for (const method of ['POST', 'DELETE'])
      expect((await api.call(method, '/messages/{id}/reactions/{emoji}', noEmoji)).status).toBe(400);
    expect((await api.call('GET', '/chat-rooms/{id}/messages', at)).body).toHaveLength(1);
    expect((await api.call('POST', '/chat-rooms/{id}/read', { ...at, body: { seq: 1 } })).status).toBe(200);
    expect((await api.call('GET', '/chat-rooms', { token })).body).toHaveLength(1);
    expect((await api.call('GET', '/chat-rooms/{id}', at)).status).toBe(200);
    expect((await api.call('GET', '/conversations/{id}/sync', at)).status).toBe(200);
    expect((await api.call('PATCH', '/chat-rooms/{id}', { ...at, body: { isArchived: true } })).status).toBe(200);
    const tail = api.call('GET', '/sse/chat-rooms/{id}/stream', { ...at, query: { since: '0' } });
    const added = { ...at, body: { participantIds: [other.id] } };
    expect((await api.call('POST', '/chat-rooms/{id}/participants', added)).status).toBe(201);
    const place = '/chat-rooms/{id}/participants/{userId}';
    const raised = { ...at, userId: other.id, body: { role: 'ADMIN' } };
    expect((await api.call('PATCH', place, raised)).status).toBe(200);
    expect((await api.call('DELETE', place, { ...at, userId: other.id })).status).toBe(200);
    expect((await api.call('DELETE', '/chat-rooms/{id}', at)).status).toBe(200);
    expect((await tail).text).toContain('event: removedFromChatRoom');
    expect((await api.call('GET', '/chat-rooms/{id}', at)).status).toBe(404);
  });

  it('tells how operators work', async () => {
    const login = await api.call<{ data: { operator: { id: string }; tokens: { access: string } } }>(
      'POST',
      '/api/auth/login',
      { body: ADMIN },
    );
    expect(login.status).toBe(200);
    const desk = { token: login.body.data.tokens.access };
    deskToken = desk.token;
    expect((await api.call('POST', '/api/auth/login', { body: { ...ADMIN, password: 'not it at all' } })).status).toBe(
      401,
    );
    const account = { email: 'desk@example.com', password: 'quite a long password', name: 'Desk', role: 'operator' };
    const made = await api.call<{ id: string }>('POST', '/api/operators', { ...desk, body: account });
    expect(made.status).toBe(201);
    expect((await api.call('POST', '/api/operators', { ...desk, body: account })).status).toBe(409);
    const operator = { ...desk, id: made.body.id };
    expect((await api.call('PATCH', '/api/operators/{id}', { ...operator, body: { maxChats: 1 } })).status).toBe(200);
    expect((await api.call<unknown[]>('GET', '/api/operators', desk)).body.length).toBeGreaterThan(1);
    expect((await api.call('GET', '/api/operators/me', desk)).status).toBe(200);
    expect((await api.call('PATCH', '/api/operators/me', { ...desk, body: { status: 'online' } })).status).toBe(200);

    const asker = await app.person();
    const session = await asker.session();
    await asker.post('/messages', { sessionId: session, role: 'assistant', content: 'Welcome' });
    const calling = { id: session, token: asker.token, body: { reason: 'A refund' } };
    expect((await api.call('POST', '/sessions/{id}/escalate', calling)).status).toBe(200);
    const chat = { ...desk, id: session };
    const move = (name: string, body: object = {}) => api.call('POST', `/api/chats/{id}/${name}`, { ...chat, body });
    expect((await api.call('POST', '/api/chats/{id}/take', chat)).status).toBe(200);
    expect((await api.call('POST', '/api/chats/{id}/take', chat)).status).toBe(409);
    expect((await api.call('POST', '/api/chats/{id}/draft', chat)).status).toBe(200);
    expect((await move('messages', { text: 'How can I help?' })).status).toBe(201);
    await asker.post('/messages', { sessionId: session, role: 'user', content: 'With my order' });
    expect((await move('messages', { text: 'Too late', ifSeq: 0 })).status).toBe(409);
    expect((await api.call('GET', '/api/chats/{id}/messages', chat)).status).toBe(200);
    expect((await move('read')).status).toBe(200);
    expect((await move('notes', { text: 'Is in a hurry.' })).status).toBe(201);
    expect((await api.call('GET', '/api/chats/{id}/notes', chat)).body).toHaveLength(1);
    const file = { ...chat, messageId: '01900000-0000-7000-8000-000000000000' };
    expect((await api.call('GET', '/api/chats/{id}/files/{messageId}', file)).status).toBe(404);
    expect((await api.call('PATCH', '/api/chats/{id}', { ...chat, body: { tags: ['refund'] } })).status).toBe(200);
    expect((await api.call('GET', '/api/chats/{id}', chat)).status).toBe(200);
    expect((await api.call('GET', '/api/chats', { ...desk, query: { status: 'in_progress' } })).body).toHaveLength(1);
    expect((await api.call('POST', '/api/chats', { ...desk, body: { search: 'order' } })).body).toHaveLength(1);
    expect((await move('transfer', { operatorId: made.body.id })).status).toBe(200);
    expect((await move('transfer', { operatorId: 'queue' })).status).toBe(200);
    expect((await move('close', { resolution: 'done' })).status).toBe(200);
    expect((await move('reopen')).status).toBe(200);
    expect((await move('return')).status).toBe(200);

    const reply = { title: 'Hello', text: 'Hello there!' };
    const canned = await api.call<{ id: string }>('POST', '/api/canned-replies', { ...desk, body: reply });
    expect(canned.status).toBe(201);
    const at = { ...desk, id: canned.body.id };
    expect((await api.call('GET', '/api/canned-replies', desk)).body).toHaveLength(1);
    expect((await api.call('GET', '/api/canned-replies/{id}', at)).status).toBe(200);
    expect((await api.call('PATCH', '/api/canned-replies/{id}', { ...at, body: { title: 'Hi' } })).status).toBe(200);
    expect((await api.call('DELETE', '/api/canned-replies/{id}', at)).status).toBe(204);
    expect((await api.call('GET', '/api/stats', desk)).status).toBe(200);
    const audit = await api.call('GET', '/api/audit', { ...desk, query: { limit: '2' } });
    expect(audit.headers.has('link')).toBe(true);
    const person = { id: 42, is_bot: false, first_name: 'Alan' };
    const said = { message_id: 1, date: 1, from: person, chat: { id: 42, type: 'private' }, text: '/start' };
    await app
      .get(InboxRepository)
      .bury(
        { updateId: 7, chatId: 42, kind: 'message', state: 'dead' },
        { update_id: 7, message: said },
        'Error: ours',
      );
    expect((await api.call('GET', '/api/telegram/dead-letters', desk)).body).toHaveLength(1);
    const letter = { ...desk, id: '7' };
    expect((await api.call('POST', '/api/telegram/dead-letters/{updateId}/redrive', letter)).status).toBe(200);
    expect((await api.call('POST', '/api/telegram/dead-letters/{updateId}/redrive', letter)).status).toBe(404);
  });

  it('tells how answers stream', async () => {
    const lines = await api.call('POST', '/messages/stream', { token, body: { sessionId, prompt: 'Count to three' } });
    expect(JSON.parse(lines.text.trim().split('\n').at(-1) ?? '')).toMatchObject({ done: true });
    const { ticket } = (await api.call<{ ticket: string }>('POST', '/sse/ticket', { token })).body;
    const query = { ticket, prompt: 'By ticket' };
    const by = { id: sessionId, query };
    expect((await api.call('GET', '/sse/sessions/{id}/stream', by)).status).toBe(200);
    expect((await api.call('GET', '/sse/sessions/{id}/stream', by)).status).toBe(401);
    const { head } = (await person.get<{ head: number }>(`/conversations/${sessionId}/sync`)).body;
    const resumed = await api.call('GET', '/sse/sessions/{id}/stream', {
      id: sessionId,
      token,
      query: { prompt: 'By ticket' },
      headers: { 'last-event-id': `${head}.0` },
    });
    expect(resumed.status).toBe(204);
  });

  it('tells the snake_case dialect', async () => {
    const account = { email: 'snake@example.com', username: 'snake', password: 'quite a long password' };
    const tokens = await api.call<Record<string, string>>('POST', '/api/v1/auth/register', { body: account });
    expect(tokens.status).toBe(201);
    expect((await api.call('POST', '/api/v1/auth/register', { body: account })).status).toBe(409);
    expect((await api.call('POST', '/api/v1/auth/login', { body: account })).status).toBe(200);
    const refreshToken = { refresh_token: tokens.body['refresh_token'] };
    expect((await api.call('POST', '/api/v1/auth/refresh', { body: refreshToken })).status).toBe(200);
    const token = tokens.body['access_token'] ?? '';
    expect((await api.call('GET', '/api/v1/users/me', { token })).status).toBe(200);
    expect((await api.call('PUT', '/api/v1/users/me', { token, body: { username: 'adder' } })).status).toBe(200);
    const chat = await api.call<{ id: string }>('POST', '/api/v1/chats', { token, body: { title: 'Tides' } });
    expect(chat.status).toBe(201);
    const at = { id: chat.body.id, token };
    const answer = await api.call('GET', '/api/v1/stream/chat/{session_id}', {
      ...at,
      query: { message: 'Why tides?' },
    });
    expect(answer.text).toContain('"type":"complete"');
    expect((await api.call('GET', '/api/v1/chats', { token })).body).toHaveLength(1);
    for (const include_messages of ['false', 'true'])
      expect((await api.call('GET', '/api/v1/chats/{id}', { ...at, query: { include_messages } })).status).toBe(200);
    expect((await api.call('PUT', '/api/v1/chats/{id}', { ...at, body: { title: 'Ebb' } })).status).toBe(200);
    expect((await api.call('DELETE', '/api/v1/chats/{id}', at)).status).toBe(200);
    expect((await api.call('POST', '/api/v1/chats/{id}/restore', at)).status).toBe(200);
    expect((await api.call('POST', '/api/v1/auth/logout', { token })).status).toBe(200);
  });

  it('tells how the server is', async () => {
    for (const path of [
      '/health',
      '/api/health',
      '/health/live',
      '/api/health/live',
      '/health/ready',
      '/api/health/ready',
    ])
      expect((await api.call('GET', path)).status).toBe(200);
    expect((await api.call('GET', '/config.json')).status).toBe(200);
    for (const accept of ['text/plain', 'application/json'])
      expect((await api.call('GET', '/metrics', { headers: { accept } })).status).toBe(200);
  });

  it('tells every refusal that any route of its kind may give', async () => {
    const badBodies = [
      { body: '{"title":1,"username":1}', status: 400 },
      { body: '{', status: 400 },
      { body: '[]', status: 400 },
      { body: 'x=1', headers: { 'content-type': 'text/plain' }, status: 415 },
      { body: `"${'x'.repeat(65 * 1024)}"`, status: 413 },
    ];
    for (const { method, path, operation } of api.operations()) {
      const stranger = { id: ABSENT, headers: { origin: 'https://evil.example' } };
      expect((await api.call(method, path, stranger)).status).toBe(403);
      const isOpen = operation.security !== undefined && !operation.security.some((scheme) => 'bearer' in scheme);
      if (!isOpen) {
        expect((await api.call(method, path, { id: ABSENT })).status).toBe(401);
        expect((await api.call(method, path, { id: ABSENT, token: 'not a token' })).status).toBe(401);
      }
      if (path.includes('{') && operation.requestBody === undefined) {
        const asks = operation.parameters.some(({ name }) => name === 'message');
        const query: Record<string, string> = asks ? { message: 'Who is there?' } : {};
        const isOfDesk = path.startsWith('/api/') && !path.startsWith('/api/v1/');
        const asker = { query, token: isOfDesk ? deskToken : token };
        expect((await api.call(method, path, { id: ABSENT, ...asker })).status).toBe(404);
        // The snake_case dialect tells what is no id from what is absent.
        const { status } = await api.call(method, path, { id: 'no-id', ...asker });
        expect(status).toBe(path.startsWith('/api/v1/') ? 400 : 404);
      }
      if (operation.requestBody === undefined) continue;
      for (const { status, ...bad } of badBodies) {
        const { status: given } = await api.call(method, path, { id: ABSENT, token, ...bad });
        // What is absent, or forbidden, may be told first.
        expect([status, 403, 404]).toContain(given);
      }
    }
  });

  it('has seen every route answer as asked and refuse', () => {
    const statuses = api
      .operations()
      .map(({ operation }) => [operation.operationId, api.seen.get(operation.operationId)] as const);
    const lacking = statuses.filter(
      ([name, seen]) => name !== NEEDS_TELEGRAM && ![...(seen ?? [])].some((status) => status < 400),
    );
    expect(lacking.map(([name]) => name)).toEqual([]);
    const neverRefused = statuses.filter(([, seen]) => ![...(seen ?? [])].some((status) => status >= 400));
    expect(neverRefused.map(([name]) => name)).toEqual([]);
  });

  it('tells what a server that is leaving says', async () => {
    await app.get(AppShutdown).drain();
    expect((await api.call('GET', '/health')).status).toBe(503);
    expect((await api.call('GET', '/health/ready')).status).toBe(503);
    expect((await api.call('POST', '/sessions', { token, body: {} })).status).toBe(503);
  });
});
