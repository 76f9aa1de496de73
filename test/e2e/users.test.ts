import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { newId } from '../../src/common/ids.js';
import { PersonalDataRegistry } from '../../src/users/personal-data.registry.js';
import { createTestDatabase, testConfig, type TestDatabase } from '../support/database.js';
import { PASSWORD, SignInApp } from '../support/sign-in-app.js';

type Row = Record<string, unknown>;

describe('people', () => {
  let database: TestDatabase;
  let sql: pg.Pool;
  let app: SignInApp;

  beforeAll(async () => {
    database = await createTestDatabase();
    sql = new pg.Pool({ connectionString: database.url });
    app = await SignInApp.start(testConfig({ REGISTER_LIMIT_PER_HOUR: '1000' }), database.url);
  });

  afterAll(async () => {
    await app.stop();
    await sql.end();
    await database.drop();
  });

  const userRow = async (id: string) => (await sql.query<Row>('SELECT * FROM users WHERE id = $1', [id])).rows[0] ?? {};

  async function registerAs(role: string) {
    const person = await app.register();
    await sql.query('UPDATE users SET role = $2 WHERE id = $1', [person.id, role]);
    const { body } = await app.login(person.email);
    return { ...person, ...body };
  }

  describe('and their profiles', () => {
    it.each(['PATCH', 'PUT'])('change what %s names, empty what is null and leave the rest alone', async (method) => {
      const { accessToken: token } = await app.register({ name: 'Ada' });
      const first = await app.call(method, '/users/me', {
        token,
        body: { firstName: 'Ada', lastName: 'Lovelace', username: 'countess', avatarUrl: 'https://img.example/a.png' },
      });
      expect(first.status).toBe(200);
      expect(first.body).toMatchObject({ name: 'Ada', lastName: 'Lovelace', username: 'countess' });
      const second = await app.call(method, '/users/me', { token, body: { lastName: null, avatarUrl: null } });
      expect(second.body).toMatchObject({ name: 'Ada', firstName: 'Ada', lastName: null, avatarUrl: null });
      expect((await app.call('GET', '/users/me', { token })).body).toEqual(second.body);
      expect((await app.call(method, '/users/me', { token, body: {} })).body).toEqual(second.body);
    });

    it.each([
      'role',
      'id',
      'email',
      'password',
      'passwordHash',
      'isActive',
      'is_active',
      'googleSubject',
      'createdAt',
      'lastLoginAt',
      'erasedAt',
      'constructor',
      'toString',
    ])('cannot set %s', async (key) => {
      const { accessToken: token, id } = await app.register();
      const before = await userRow(id);
      for (const value of ['admin', { set: 'admin' }, null]) {
        const answer = await app.call('PATCH', '/users/me', { token, body: { name: 'X', [key]: value } });
        expect([answer.status, answer.body['code']]).toEqual([400, 'VALIDATION_FAILED']);
        expect(JSON.stringify(answer.body)).toContain(key);
      }
      expect(await userRow(id)).toEqual(before);
    });

    it('cannot sign up with more than email, password and name', async () => {
      for (const extra of ['role', 'isAdmin', 'id', 'username', 'googleSubject', 'createdAt']) {
        const body = { email: `extra-${newId()}@example.org`, password: PASSWORD, [extra]: 'admin' };
        expect((await app.call('POST', '/auth/register', { body })).status).toBe(400);
        expect((await sql.query('SELECT 1 FROM users WHERE email = $1', [body.email])).rows).toEqual([]);
      }
    });

    it.each([
      'ftp://example.org/a.png',
      'javascript:alert(1)',
      'data:image/png;base64,AA',
      '//example.org/a',
      'file:///etc/passwd',
      '/a.png',
      'https://user:secret@example.org/',
      'https://',
      'x'.repeat(2_049),
      ['https://a.example/'],
    ])('refuse the picture %p', async (avatarUrl) => {
      const { accessToken: token } = await app.register();
      expect((await app.call('PATCH', '/users/me', { token, body: { avatarUrl } })).status).toBe(400);
    });

    it('take names of any script as they are', async () => {
      const { accessToken: token } = await app.register();
      const name = 'Zoë 👩‍🚀 Ада \u202e"<b>';
      expect((await app.call('PATCH', '/users/me', { token, body: { name } })).body['name']).toBe(name);
    });
  });

  describe('found by name', () => {
    it('show id and name only, to everybody who is signed in', async () => {
      const tag = newId().slice(-8);
      const { id, accessToken: token } = await app.register({ name: `Grace ${tag}` });
      const other = await app.register({ name: null });
      await app.call('PATCH', '/users/me', {
        token: other.accessToken,
        body: { firstName: 'Alan', lastName: `T ${tag}` },
      });
      const found = await app.call<Row[]>('GET', `/users?search=${tag.toUpperCase()}`, { token });
      expect(found.body).toEqual([
        { id, name: `Grace ${tag}` },
        { id: other.id, name: `Alan T ${tag}` },
      ]);
      expect((await app.call('GET', `/users?search=${tag}`)).status).toBe(401);
    });

    it('are not found by email, by wildcards, or when they are gone', async () => {
      const { accessToken: token, email } = await app.register({ name: 'Somebody' });
      const disabled = await app.register({ name: 'Ghostly Person' });
      await sql.query('UPDATE users SET is_active = false WHERE id = $1', [disabled.id]);
      for (const search of [email, email.slice(0, 12), '%%', '__', '%o%', '\\%', 'Ghostly'])
        expect((await app.call('GET', `/users?search=${encodeURIComponent(search)}`, { token })).body).toEqual([]);
    });

    it.each([
      'search=a',
      'search=',
      'search=%20a',
      'search[]=ab',
      'search[contains]=',
      'search=ab&search=cd',
      `search=${'x'.repeat(101)}`,
      'search=a%00b',
      'role=admin',
      'search=ab&limit=0',
      'search=ab&limit=101',
      'search=ab&cursor=x',
    ])('refuse ?%s', async (query) => {
      const { accessToken: token } = await app.register();
      expect((await app.call('GET', `/users?${query}`, { token })).status).toBe(400);
    });
  });

  describe('listed for admins', () => {
    it('come whole, page by page, each once', async () => {
      const { accessToken: token } = await registerAs('admin');
      const seen: string[] = [];
      let path = '/users?limit=3';
      for (let pages = 0; path && pages < 100; pages++) {
        const { status, body, headers } = await app.call<Row[]>('GET', path, { token });
        expect(status).toBe(200);
        expect(body.length).toBeLessThanOrEqual(3);
        seen.push(...body.map(({ id }) => String(id)));
        if (pages === 0)
          expect(Object.keys(body[0] ?? {}).sort()).toEqual(
            [
              'avatarUrl',
              'createdAt',
              'email',
              'firstName',
              'id',
              'isActive',
              'lastLoginAt',
              'lastName',
              'name',
              'role',
              'username',
            ].sort(),
          );
        path = /<([^>]+)>; rel="next"/.exec(headers.get('link') ?? '')?.[1] ?? '';
      }
      const { rows } = await sql.query<{ id: string }>('SELECT id FROM users WHERE erased_at IS NULL ORDER BY id');
      expect(seen).toEqual(rows.map(({ id }) => id));
    });

    it.each(['user', 'operator', 'senior_operator'])('are not shown to a %s', async (role) => {
      const { accessToken: token } = await registerAs(role);
      expect((await app.call('GET', '/users', { token })).body['code']).toBe('FORBIDDEN');
    });
  });

  describe('and their roles', () => {
    it('are changed by admins, at once, with a line in the audit log', async () => {
      const admin = await registerAs('admin');
      const { id, accessToken } = await app.register();
      expect((await app.call('GET', '/users', { token: accessToken })).status).toBe(403);
      const path = `/users/${id}/role`;
      const changed = await app.call('PATCH', path, { token: admin.accessToken, body: { role: 'admin' } });
      expect([changed.status, changed.body['role']]).toEqual([200, 'admin']);
      expect((await app.call('GET', '/users', { token: accessToken })).status).toBe(200);

      await app.call('PATCH', path, { token: admin.accessToken, body: { role: 'user' } });
      expect((await app.call('GET', '/users', { token: accessToken })).status).not.toBe(200);
      const { rows } = await sql.query(
        'SELECT actor_id, action, data FROM audit_entries WHERE subject_id = $1 ORDER BY created_at, id',
        [id],
      );
      expect(rows).toEqual([
        { actor_id: admin.id, action: 'user.role-changed', data: { from: 'user', to: 'admin' } },
        { actor_id: admin.id, action: 'user.role-changed', data: { from: 'admin', to: 'user' } },
      ]);
      const again = await app.call('PATCH', path, { token: admin.accessToken, body: { role: 'user' } });
      expect(again.status).toBe(200);
    });

    it.each(['user', 'operator', 'senior_operator'])('are not changed by a %s, not even the own one', async (role) => {
      const { id, accessToken: token } = await registerAs(role);
      // The guard is asked before the body is looked at.
      for (const wanted of ['admin', 'nonsense']) {
        const answer = await app.call('PATCH', `/users/${id}/role`, { token, body: { role: wanted } });
        expect([answer.status, answer.body['code']]).toEqual([403, 'FORBIDDEN']);
      }
      expect((await userRow(id))['role']).toBe(role);
    });

    it.each([
      {},
      { role: 'root' },
      { role: ['admin'] },
      { role: { set: 'admin' } },
      { role: null },
      { role: 'user', id: 'x' },
      [],
    ])('refuse %j', async (body) => {
      const { id, accessToken: token } = await registerAs('admin');
      expect((await app.call('PATCH', `/users/${id}/role`, { token, body })).status).toBe(400);
    });

    it.each([newId(), 'x', '1', '%00', "' OR 1=1 --"])('are not found for the id %s', async (id) => {
      const { accessToken: token } = await registerAs('admin');
      const answer = await app.call('PATCH', `/users/${encodeURIComponent(id)}/role`, {
        token,
        body: { role: 'user' },
      });
      expect([answer.status, answer.body['code']]).toEqual([404, 'USER_NOT_FOUND']);
    });

    it('always leave an admin: of all who step down or go at once, one is refused', async () => {
      for (let round = 0; round < 5; round++) {
        await sql.query(`UPDATE users SET role = 'user'`);
        const admins = await Promise.all(Array.from({ length: 4 }, () => registerAs('admin')));
        const answers = await Promise.all(
          admins.map(({ id, accessToken: token }, i) =>
            i % 2
              ? app.call('DELETE', '/users/me', { token })
              : app.call('PATCH', `/users/${id}/role`, { token, body: { role: 'user' } }),
          ),
        );
        const refused = answers.filter(({ status }) => status === 409);
        expect(refused.map(({ body }) => body['code'])).toEqual(['LAST_ADMIN']);
        expect(answers.filter(({ status }) => status < 300)).toHaveLength(3);
        const { rows } = await sql.query(`SELECT count(*)::int AS admins FROM users WHERE role = 'admin'`);
        expect(rows).toEqual([{ admins: 1 }]);
      }
    });

    it('are not changed any more by an admin who was demoted a moment ago', async () => {
      await sql.query(`UPDATE users SET role = 'user'`);
      const [first, second] = [await registerAs('admin'), await registerAs('admin')];
      const answers = await Promise.all([
        app.call('PATCH', `/users/${second.id}/role`, { token: first.accessToken, body: { role: 'user' } }),
        app.call('PATCH', `/users/${first.id}/role`, { token: second.accessToken, body: { role: 'user' } }),
      ]);
      const [done, refused] = answers.map(({ status }) => status).sort();
      expect(done).toBe(200);
      expect([401, 403]).toContain(refused);
    });
  });

  describe('who leave', () => {
    it('are forgotten: no personal data, no sign-in, and the email is free again', async () => {
      const person = await app.register({ name: 'Leaver' });
      const second = await app.login(person.email);
      await app.call('PATCH', '/users/me', {
        token: person.accessToken,
        body: { firstName: 'Leaving', lastName: 'Person', username: 'leaver', avatarUrl: 'https://img.example/l.png' },
      });
      await sql.query(
        `INSERT INTO idempotency_keys (user_id, key, fingerprint, response) VALUES ($1, 'k', '\\x00', '{"name":"Leaver"}')`,
        [person.id],
      );

      const gone = await app.call('DELETE', '/users/me', { token: person.accessToken });
      expect([gone.status, gone.body]).toEqual([204, '']);
      const row = await userRow(person.id);
      expect(row).toMatchObject({ id: person.id, is_active: false, role: 'user', erased_at: expect.any(Date) });
      const kept = Object.entries(row)
        .filter(([, value]) => value !== null)
        .map(([key]) => key);
      expect(kept.sort()).toEqual(['created_at', 'erased_at', 'id', 'is_active', 'role', 'updated_at']);
      for (const table of ['refresh_families', 'stream_tickets', 'idempotency_keys'])
        expect((await sql.query(`SELECT 1 FROM ${table} WHERE user_id = $1`, [person.id])).rows).toEqual([]);

      for (const token of [person.accessToken, second.body.accessToken])
        expect((await app.call('GET', '/users/me', { token })).body['code']).toBe('SIGN_IN_REVOKED');
      expect((await app.refresh(second.body.refreshToken)).status).toBe(401);
      expect((await app.login(person.email)).body.code).toBe('INVALID_CREDENTIALS');
      expect((await app.register({ email: person.email })).id).not.toBe(person.id);
    });

    it('leave through every feature, or not at all', async () => {
      const registry = app.nest.get(PersonalDataRegistry);
      const steps: string[] = [];
      registry.registerErasureStep('first', (userId) => {
        steps.push(userId);
        return Promise.resolve();
      });
      registry.registerErasureStep('second', () => Promise.reject(new Error('this step is broken')));
      const { id, accessToken: token } = await app.register({ name: 'Stays' });
      const failed = await app.call('DELETE', '/users/me', { token });
      expect(failed.status).toBe(500);
      expect(steps).toEqual([id]);
      expect(await userRow(id)).toMatchObject({ name: 'Stays', erased_at: null });
      expect((await app.call('GET', '/users/me', { token })).status).toBe(200);

      registry.registerErasureStep('second', () => Promise.resolve());
      expect((await app.call('DELETE', '/users/me', { token })).status).toBe(204);
    });

    it('leave once, of five requests at once', async () => {
      const { id, accessToken: token } = await app.register();
      const answers = await Promise.all(Array.from({ length: 5 }, () => app.call('DELETE', '/users/me', { token })));
      expect(answers.filter(({ status }) => status === 204)).toHaveLength(1);
      expect(answers.every(({ status }) => [204, 401, 404].includes(status))).toBe(true);
      const { rows } = await sql.query(`SELECT count(*)::int AS lines FROM audit_entries WHERE subject_id = $1`, [id]);
      expect(rows).toEqual([{ lines: 1 }]);
    });
  });

  describe('and what is kept about them', () => {
    it('get it as one document with a part of every feature', async () => {
      const registry = app.nest.get(PersonalDataRegistry);
      registry.registerExportSection('notes', async function* () {
        for (let i = 0; i < 3; i++) yield await Promise.resolve({ i, text: '</script>"\u2028' });
      });
      registry.registerExportSection('nothing', async function* () {});
      registry.registerExportSection('count', () => Promise.resolve(7));
      const { accessToken: token, id, email } = await app.register({ name: 'Ada' });
      const answer = await app.call<Row>('GET', '/users/me/export', { token });
      expect(answer.status).toBe(200);
      expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8');
      expect(answer.headers.get('content-disposition')).toBe('attachment; filename="parley-export.json"');
      expect(answer.headers.get('cache-control')).toBe('no-store');
      expect(answer.body).toMatchObject({
        exportedAt: expect.stringMatching(/Z$/),
        profile: { id, email, name: 'Ada', role: 'user' },
        signIns: [{ createdAt: expect.any(String), expiresAt: expect.any(String), revokedAt: null, userAgent: 'node' }],
        notes: [0, 1, 2].map((i) => ({ i, text: '</script>"\u2028' })),
        nothing: [],
        count: 7,
      });
      expect(JSON.stringify(answer.body)).not.toMatch(/argon2|hash/i);
    });

    it('get a broken connection instead of half a document', async () => {
      app.nest.get(PersonalDataRegistry).registerExportSection('notes', async function* () {
        yield await Promise.resolve('x'.repeat(100_000));
        throw new Error('the database went away');
      });
      const { accessToken: token } = await app.register();
      await expect(app.call('GET', '/users/me/export', { token })).rejects.toThrow();
      app.nest.get(PersonalDataRegistry).registerExportSection('notes', () => Promise.resolve([]));
    });

    it('see what they have used, today and in all', async () => {
      const { accessToken: token, id } = await app.register();
      const other = await app.register();
      const none = { runs: 0, promptTokens: 0, completionTokens: 0, estimatedRuns: 0 };
      const empty = { today: none, total: none, byModel: [], dailyQuota: null };
      expect((await app.call('GET', '/users/me/usage', { token })).body).toEqual(empty);
      const use = (userId: string, model: string, tokens: number, kind: string, age: string) =>
        sql.query(
          `INSERT INTO usage_entries (id, user_id, provider, model, prompt_tokens, completion_tokens, kind, created_at)
           VALUES ($1, $2, 'openai', $3, $4, 10, $5::"UsageKind", now() - $6::interval)`,
          [newId(), userId, model, tokens, kind, age],
        );
      await use(id, 'gpt-4o-mini', 100, 'exact', '0');
      await use(id, 'gpt-4o-mini', 200, 'estimated', '0');
      await use(id, 'gpt-4o-mini', 2_000_000_000, 'exact', '2 days');
      await use(id, 'gpt-4o-mini', 2_000_000_000, 'exact', '3 days');
      await use(id, 'o3', 5, 'exact', '2 days');
      await use(other.id, 'gpt-4o-mini', 999, 'exact', '0');
      const big = {
        provider: 'openai',
        model: 'gpt-4o-mini',
        runs: 4,
        promptTokens: 4_000_000_300,
        completionTokens: 40,
        estimatedRuns: 1,
      };
      expect((await app.call('GET', '/users/me/usage', { token })).body).toEqual({
        today: { runs: 2, promptTokens: 300, completionTokens: 20, estimatedRuns: 1 },
        total: { runs: 5, promptTokens: 4_000_000_305, completionTokens: 50, estimatedRuns: 1 },
        byModel: [
          big,
          { provider: 'openai', model: 'o3', runs: 1, promptTokens: 5, completionTokens: 10, estimatedRuns: 0 },
        ],
        dailyQuota: null,
      });
    });
  });

  describe('who send rubbish', () => {
    const deep = '['.repeat(40_000) + ']'.repeat(40_000);
    const bodies: [string, unknown][] = [
      ['nothing', undefined],
      ['null', 'null'],
      ['a text', '"x"'],
      ['a number', '7'],
      ['a list', '[]'],
      ['an empty object', '{}'],
      ['broken JSON', '{"email":'],
      ['40 000 levels', deep],
      ['an unknown key', '{"$ne":1}'],
      ['__proto__', '{"__proto__":{"role":"admin"},"email":"a@example.org","password":"lamp quiet orbit"}'],
      ['constructor', '{"constructor":{"prototype":{"role":"admin"}}}'],
      ['objects for texts', '{"email":{"contains":""},"password":{"$ne":null},"refreshToken":{"not":""},"name":{}}'],
      [
        'lists for texts',
        '{"email":["a@example.org"],"password":["lamp quiet orbit"],"refreshToken":["x"],"name":["x"]}',
      ],
      ['numbers for texts', '{"email":1,"password":12345678,"refreshToken":7,"name":7}'],
      [
        'NUL',
        '{"email":"a\\u0000@example.org","password":"lamp\\u0000 quiet","refreshToken":"x\\u0000","name":"a\\u0000"}',
      ],
      [
        'lone surrogates',
        '{"email":"a\\ud800@example.org","password":"lamp quiet \\ud800","refreshToken":"\\udc00","name":"\\ud800"}',
      ],
      ['64 KB', JSON.stringify({ email: 'x'.repeat(70_000), password: 'x' })],
      [
        '60 KB in a field',
        JSON.stringify({
          email: `${'a'.repeat(60_000)}@example.org`,
          password: 'x'.repeat(129),
          name: 'x'.repeat(101),
          refreshToken: 'x'.repeat(513),
        }),
      ],
    ];
    const routes: [method: string, path: string][] = [
      ['POST', '/auth/register'],
      ['POST', '/auth/login'],
      ['POST', '/auth/refresh'],
      ['POST', '/auth/logout?all=maybe'],
      ['PUT', '/users/me'],
      ['PATCH', '/users/me'],
      ['PATCH', '/users/x/role'],
    ];
    const cases = routes.flatMap(([method, path]) => bodies.map(([what, body]) => [method, path, what, body] as const));

    it.each(cases)('%s %s answers %s with a code', async (method, path, _what, body) => {
      const { accessToken: token } = await theAdmin();
      const answer = await app.call(method, path, {
        body,
        token: /auth\/(register|login|refresh)/.test(path) ? undefined : token,
      });
      const isHarmless = path === '/users/me' && (body === '{}' || body === undefined);
      if (isHarmless) return expect(answer.status).toBe(200);
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(answer.status).toBeLessThan(500);
      expect(answer.body['code']).toMatch(/^[A-Z_]+$/);
      expect(JSON.stringify(answer.body)).not.toMatch(/prisma|select |node_modules|at .*\.ts/i);
    });

    let admin: ReturnType<typeof registerAs> | undefined;
    const theAdmin = () => (admin ??= registerAs('admin'));
  });
});
