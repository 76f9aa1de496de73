import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ApiV1Client, type Tokens } from '../support/api-v1-client.js';
import { TestApp } from '../support/app.js';
import { BAD_BODIES, badTexts } from '../support/bad-bodies.js';
import { httpCall } from '../support/http-call.js';
import { Rest } from '../support/person.js';

const ISO = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
const UUID = expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
const AN_ERROR = { error: expect.stringMatching(/\S/) };
/** Bodies that this dialect takes, because it leaves out what it does not know. */
const HARMLESS_HERE = ['an unknown key', "somebody's owner id"];

describe('/api/v1', () => {
  let app: TestApp;
  let client: ApiV1Client;
  let people = 0;
  const others: TestApp[] = [];

  beforeAll(async () => {
    app = await TestApp.start({ LOGIN_LIMIT_PER_MINUTE: '1000', ALLOWED_ORIGINS: 'https://good.example' });
    client = await someone();
  });

  afterAll(async () => {
    for (const each of [app, ...others]) await each.close();
  });

  const anApp = async (overrides: Record<string, string>) => {
    others.push(await TestApp.start(overrides));
    return others.at(-1)!;
  };

  const freshEmail = () => `v1-${++people}@example.com`;
  const someone = () => ApiV1Client.register(app.url, freshEmail());
  const nobody = () => new ApiV1Client(app.url);
  const native = (of = client) => new Rest(app.url, of.tokens!.access_token);
  const refusals = (answers: { status: number; body: unknown }[]) => answers.map(({ status, body }) => [status, body]);

  describe('accounts', () => {
    const password = 'lamp quiet orbit';

    it('are made, signed in to, renewed and left with tokens spelled in snake_case', async () => {
      const email = freshEmail();
      const made = await nobody().call<Tokens>('POST', '/auth/register', { email, username: 'ada', password });
      const tokens = {
        access_token: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
        refresh_token: expect.any(String),
        token_type: 'Bearer',
        expires_in: 900,
      };
      expect([made.status, made.body]).toEqual([201, tokens]);
      const signedIn = await nobody().call<Tokens>('POST', '/auth/login', { email: email.toUpperCase(), password });
      expect([signedIn.status, signedIn.body]).toEqual([200, tokens]);
      const renewed = await nobody().call<Tokens>('POST', '/auth/refresh', {
        refresh_token: signedIn.body.refresh_token,
      });
      expect([renewed.status, renewed.body]).toEqual([200, tokens]);
      expect(renewed.body.refresh_token).not.toBe(signedIn.body.refresh_token);
      const ada = nobody();
      ada.tokens = renewed.body;
      const left = await ada.call('POST', '/auth/logout');
      expect([left.status, left.body]).toEqual([200, { message: expect.any(String) }]);
      expect((await ada.call('GET', '/users/me')).status).toBe(401);
      const after = await nobody().call('POST', '/auth/refresh', { refresh_token: renewed.body.refresh_token });
      expect([after.status, after.body]).toEqual([401, AN_ERROR]);
      ada.tokens = made.body;
      expect((await ada.call('GET', '/users/me')).status).toBe(200);
    });

    it('are the same at every door', async () => {
      const email = freshEmail();
      await nobody().call('POST', '/auth/register', { email, username: 'grace', password });
      const rest = new Rest(app.url);
      const { body } = await rest.post<{ accessToken: string }>('/auth/login', { email, password });
      rest.token = body.accessToken;
      expect((await rest.get('/users/me')).body).toMatchObject({ email, username: 'grace' });
    });

    it('are refused when the email is taken, and told apart from wrong passwords only by who owns them', async () => {
      const email = freshEmail();
      await nobody().call('POST', '/auth/register', { email, username: 'ada', password });
      const answers = [
        await nobody().call('POST', '/auth/register', { email, username: 'eve', password }),
        await nobody().call('POST', '/auth/login', { email, password: 'something else' }),
        await nobody().call('POST', '/auth/login', { email: freshEmail(), password }),
        await nobody().call('POST', '/auth/refresh', { refresh_token: 'x' }),
        await nobody().call('POST', '/auth/logout'),
      ];
      expect(refusals(answers)).toEqual([
        [409, { error: 'This email is already registered.' }],
        [401, { error: 'Email or password is wrong.' }],
        [401, { error: 'Email or password is wrong.' }],
        [401, { error: 'The refresh token is not valid.' }],
        [401, { error: 'Sign in first.' }],
      ]);
    });

    const good = { email: 'good@example.com', username: 'ada', password };
    const without = (key: keyof typeof good) => ({ ...good, [key]: undefined });
    it.each([
      ...BAD_BODIES.filter(([name]) => !HARMLESS_HERE.includes(name)),
      ['no email', JSON.stringify(without('email'))],
      ['no username', JSON.stringify(without('username'))],
      ['no password', JSON.stringify(without('password'))],
      ['no email at all in it', JSON.stringify({ ...good, email: 'good' })],
      ['two letters of a username', JSON.stringify({ ...good, username: 'ab' })],
      ['a username of 101 letters', JSON.stringify({ ...good, username: 'x'.repeat(101) })],
      ['a short password', JSON.stringify({ ...good, password: 'lamp qu' })],
      ['a well-known password', JSON.stringify({ ...good, password: 'password1' })],
      ...badTexts('username', 100, { email: good.email, password }),
      ...badTexts('email', 254, { username: 'ada', password }),
      ...badTexts('password', 128, { email: good.email, username: 'ada' }),
    ])('are not made of %s', async (_, body) => {
      const answer = await nobody().call('POST', '/auth/register', body);
      expect([answer.status, answer.body]).toEqual([400, AN_ERROR]);
    });

    it.each(
      ['/auth/login', '/auth/refresh'].flatMap((path) => BAD_BODIES.map(([name, body]) => [name, path, body] as const)),
    )('take %s at %s for what it is', async (_, path, body) => {
      const answer = await nobody().call('POST', path, body);
      expect([answer.status, answer.body]).toEqual([400, AN_ERROR]);
    });

    it('leave out what they do not know', async () => {
      const answer = await nobody().call('POST', '/auth/register', {
        ...good,
        email: freshEmail(),
        role: 'admin',
        is_active: false,
      });
      expect(answer.status).toBe(201);
    });

    it('show and change their username', async () => {
      const me = await someone();
      const { body } = await me.call<Record<string, unknown>>('GET', '/users/me');
      expect(body).toEqual({
        id: UUID,
        email: `v1-${people}@example.com`,
        username: 'somebody',
        created_at: ISO,
        last_login_at: ISO,
        is_active: true,
      });
      const changed = await me.call('PUT', '/users/me', { username: 'Ада', email: body['email'], role: 'admin' });
      expect([changed.status, changed.body]).toEqual([200, { ...body, username: 'Ада' }]);
      expect((await native(me).get('/users/me')).body).toMatchObject({ username: 'Ада', role: 'user' });
      expect(refusals([await me.call('PUT', '/users/me', {})])).toEqual([[200, changed.body]]);
      const taken = await me.call('PUT', '/users/me', { email: 'other@example.com' });
      expect([taken.status, taken.body]).toEqual([400, { error: 'email cannot be changed' }]);
    });

    it.each([
      ...BAD_BODIES.filter(([name]) => !HARMLESS_HERE.includes(name)),
      ['null for a username', '{"username":null}'],
      ...badTexts('username', 100),
      ...badTexts('email', 254),
    ])('do not change to %s', async (_, body) => {
      const answer = await client.call('PUT', '/users/me', body);
      expect([answer.status, answer.body]).toEqual([400, AN_ERROR]);
      expect((await client.call<{ username: string }>('GET', '/users/me')).body.username).toBe('somebody');
    });

    it('of people who came by another door have a username too', async () => {
      const person = await app.person();
      const other = nobody();
      other.tokens = { access_token: person.token ?? '', refresh_token: '', token_type: 'Bearer', expires_in: 1 };
      expect((await other.call('GET', '/users/me')).body).toMatchObject({ username: '', email: person.email });
      await person.patch('/users/me', { name: 'Ada L.' });
      expect((await other.call('GET', '/users/me')).body).toMatchObject({ username: 'Ada L.' });
    });

    it('are limited in guesses, with the seconds to wait', async () => {
      const own = await anApp({ LOGIN_LIMIT_PER_MINUTE: '2' });
      const guess = () =>
        new ApiV1Client(own.url).call('POST', '/auth/login', { email: 'victim@example.com', password: 'wrong guess' });
      const answers = [await guess(), await guess(), await guess()];
      expect(answers.map(({ status }) => status)).toEqual([401, 401, 429]);
      expect(answers[2]!.body).toEqual(AN_ERROR);
      expect(Number(answers[2]!.headers.get('retry-after'))).toBeGreaterThan(0);
    });
  });

  describe('failures have one shape', () => {
    const port = () => Number(new URL(app.url).port);
    const bearer = () => ({ authorization: `Bearer ${client.tokens!.access_token}` });
    const json = { 'content-type': 'application/json' };

    it.each<[what: string, status: number, method: string, path: string, headers: object, body?: string]>([
      ['no such path', 404, 'GET', '/api/v1/nothing', {}],
      ['the bare prefix', 404, 'GET', '/api/v1', {}],
      ['another spelling of the prefix', 404, 'GET', '/API/v1/nothing?a', {}],
      ['no such method', 404, 'PATCH', '/api/v1/chats', {}],
      ['a body that is no JSON', 400, 'POST', '/api/v1/auth/login', json, '{"email":'],
      ['a body of another kind', 415, 'POST', '/api/v1/auth/login', { 'content-type': 'text/plain' }, 'a=b'],
      ['a body that is too large', 413, 'POST', '/api/v1/auth/login', json, `"${'x'.repeat(70_000)}"`],
      ['a path that is no path', 400, 'GET', '/api/v1/chats/%E0%A4%A', {}],
      ['a page of another origin', 403, 'GET', '/api/v1/chats', { origin: 'https://evil.example' }],
      ['no token', 401, 'GET', '/api/v1/chats', {}],
      ['another scheme', 401, 'GET', '/api/v1/chats', { authorization: 'Basic eDp5' }],
      ['a token that is none', 401, 'GET', '/api/v1/users/me', { authorization: 'Bearer x' }],
    ])('for %s', async (...[, status, method, path, headers, body]) => {
      const answer = await httpCall(port(), method, path, { ...headers }, body);
      expect([answer.status, JSON.parse(answer.text)]).toEqual([status, AN_ERROR]);
      expect(answer.headers['content-type']).toBe('application/json; charset=utf-8');
    });

    it('for too many requests, with the seconds to wait', async () => {
      const own = await anApp({ REST_LIMIT_PER_MINUTE: '5' });
      const me = await ApiV1Client.register(own.url, 'eager@example.com');
      const answers = await Promise.all(Array.from({ length: 10 }, () => me.call('GET', '/users/me')));
      const refused = answers.filter(({ status }) => status !== 200);
      expect(refusals(refused)).toEqual(Array(5).fill([429, AN_ERROR]));
      expect(Number(refused[0]!.headers.get('retry-after'))).toBeGreaterThan(0);
    });

    it('and the other doors keep theirs', async () => {
      for (const path of ['/nothing', '/api/v10/nothing', '/api/nothing', '/sessions'])
        expect(JSON.parse((await httpCall(port(), 'GET', path)).text)).toMatchObject({ code: expect.any(String) });
    });

    it('that says nothing of what went wrong inside', async () => {
      const own = await TestApp.start();
      const me = await ApiV1Client.register(own.url, 'inside@example.com');
      await own.database.drop();
      const answers = [
        await me.call('GET', '/chats'),
        await me.call('POST', '/chats', {}),
        await me.call('GET', '/chats/00000000-0000-7000-8000-000000000000?include_messages=true'),
      ];
      await own.stop();
      const KNOWN = ['The database cannot be reached; try again.', 'Something went wrong on our side.'];
      for (const { status, body } of answers) {
        expect(status).toBeGreaterThanOrEqual(500);
        expect(body).toEqual({ error: expect.any(String) });
        expect(KNOWN).toContain(body.error);
      }
    });

    it('and pages of allowed origins may read the answers', async () => {
      const answer = await httpCall(port(), 'GET', '/api/v1/chats', { ...bearer(), origin: 'https://good.example' });
      expect([answer.status, answer.headers['access-control-allow-origin']]).toEqual([200, 'https://good.example']);
      const preflight = await httpCall(port(), 'OPTIONS', '/api/v1/chats/1', {
        origin: 'https://good.example',
        'access-control-request-method': 'PUT',
        'access-control-request-headers': 'authorization,content-type',
      });
      expect([preflight.status, preflight.headers['access-control-allow-headers']]).toEqual([
        204,
        'authorization,content-type',
      ]);
    });
  });

  it('is described in the OpenAPI document under its own tag', async () => {
    const { body } = await new Rest(app.url).get<{ paths: Record<string, Record<string, { tags: string[] }>> }>(
      '/openapi.json',
    );
    const described = Object.entries(body.paths).flatMap(([path, operations]) =>
      path.startsWith('/api/v1/')
        ? Object.entries(operations).map(([method, { tags }]) => `${method} ${path.slice(7)} ${tags.join()}`)
        : [],
    );
    expect(described.sort()).toEqual([
      'delete /chats/{id} api/v1',
      'get /chats api/v1',
      'get /chats/{id} api/v1',
      'get /stream/chat/{session_id} api/v1',
      'get /users/me api/v1',
      'post /auth/login api/v1',
      'post /auth/logout api/v1',
      'post /auth/refresh api/v1',
      'post /auth/register api/v1',
      'post /chats api/v1',
      'post /chats/{id}/restore api/v1',
      'put /chats/{id} api/v1',
      'put /users/me api/v1',
    ]);
  });
});
