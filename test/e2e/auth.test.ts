import { createHmac, generateKeyPairSync, sign as signWithKey } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { createTestDatabase, testConfig, type TestDatabase } from '../support/database.js';
import { PASSWORD, SignInApp, type Tokens } from '../support/sign-in-app.js';

const SECRET = 'a secret of these tests that is long enough for HS256 and HS512';

describe('signing up, in and out', () => {
  let database: TestDatabase;
  let sql: pg.Client;
  let app: SignInApp;

  beforeAll(async () => {
    database = await createTestDatabase();
    sql = new pg.Client({ connectionString: database.url });
    await sql.connect();
    app = await SignInApp.start(
      testConfig({ JWT_SECRET: SECRET, REGISTER_LIMIT_PER_HOUR: '1000', TRUST_PROXY: '0' }),
      database.url,
    );
  });

  afterAll(async () => {
    await app.stop();
    await sql.end();
    await database.drop();
  });

  const claimsOf = (token: string) =>
    JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>;

  describe('with a password', () => {
    it('signs up with any spelling of the email, signs in with another, and says who is there', async () => {
      const email = `Ada.${crypto.randomUUID()}@Example.ORG`;
      const body = { email: `  ${email} `, password: PASSWORD, name: 'Ada' };
      const up = await app.call<Tokens>('POST', '/auth/register', { body });
      expect(up.status).toBe(201);
      expect(up.body).toEqual({
        accessToken: expect.any(String),
        refreshToken: expect.stringMatching(/^[\w-]{43}$/),
        tokenType: 'Bearer',
        expiresIn: 900,
      });
      expect(up.headers.get('cache-control')).toBe('no-store');

      const inn = await app.login(email.toUpperCase());
      expect(inn.status).toBe(200);
      const me = await app.call('GET', '/auth/me', { token: inn.body.accessToken });
      expect(me.body).toEqual({
        id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        email: email.toLowerCase(),
        name: 'Ada',
        firstName: null,
        lastName: null,
        username: null,
        avatarUrl: null,
        role: 'user',
        createdAt: expect.stringMatching(/Z$/),
        lastLoginAt: expect.stringMatching(/Z$/),
      });
      expect((await app.call('GET', '/users/me', { token: inn.body.accessToken })).body).toEqual(me.body);
    });

    it('refuses an email that is taken, also in another spelling and of 20 at once', async () => {
      const email = `race-${crypto.randomUUID()}@example.org`;
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, i) =>
          app.call('POST', '/auth/register', {
            body: { email: i % 2 ? email : email.toUpperCase(), password: PASSWORD },
          }),
        ),
      );
      expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
      const refused = answers.filter(({ status }) => status !== 201);
      expect(new Set(refused.map(({ status, body }) => `${status} ${String(body['code'])}`))).toEqual(
        new Set(['409 EMAIL_TAKEN']),
      );
      const { rows } = await sql.query('SELECT count(*)::int AS people FROM users WHERE email = $1', [email]);
      expect(rows).toEqual([{ people: 1 }]);
    });

    it('keeps argon2id only, and renews a weaker hash at the next sign-in', async () => {
      const { email, id } = await app.register();
      const hashOf = async () =>
        (await sql.query<{ hash: string }>('SELECT password_hash AS hash FROM users WHERE id = $1', [id])).rows[0]
          ?.hash;
      expect(await hashOf()).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
      const { hash } = await import('@node-rs/argon2');
      const weak = await hash(PASSWORD, { memoryCost: 4_096, timeCost: 1, parallelism: 1 });
      await sql.query('UPDATE users SET password_hash = $2 WHERE id = $1', [id, weak]);
      expect((await app.login(email)).status).toBe(200);
      expect(await hashOf()).toMatch(/m=19456,t=2,p=1/);
      expect((await app.login(email)).status).toBe(200);
    });

    it('takes 128 characters of any script and compares the last one', async () => {
      const password = 'ключ 🔑 '.repeat(16).slice(0, 127) + 'ж';
      const { email } = await app.register({ password });
      expect((await app.login(email, password)).status).toBe(200);
      expect((await app.login(email, password.slice(0, 127) + 'з')).status).toBe(401);
      const long = await app.call('POST', '/auth/register', {
        body: { email: 'l@example.org', password: `${password}x` },
      });
      expect(long.status).toBe(400);
    });

    it.each(['password1', 'P@ssw0rd!', '12345678', 'qwerty123', 'short', '        '])(
      'refuses the password "%s"',
      async (password) => {
        const answer = await app.call('POST', '/auth/register', { body: { email: 'weak@example.org', password } });
        expect([answer.status, answer.body['code']]).toEqual([400, 'VALIDATION_FAILED']);
        expect(JSON.stringify(answer.body)).toContain('password');
      },
    );

    it('answers a wrong password, an unknown email, a disabled and a Google-only account alike', async () => {
      const { email } = await app.register();
      const disabled = await app.register();
      await sql.query('UPDATE users SET is_active = false WHERE id = $1', [disabled.id]);
      const google = await app.register();
      await sql.query('UPDATE users SET password_hash = NULL, google_subject = id::text WHERE id = $1', [google.id]);
      const answers = [
        await app.login(email, 'not the password'),
        await app.login(`nobody-${crypto.randomUUID()}@example.org`),
        await app.login(disabled.email),
        await app.login(google.email),
      ];
      const seen = answers.map(({ status, headers, body }) => {
        const names = [...headers.keys()].sort();
        return JSON.stringify([status, names, headers.get('content-length'), { ...body, requestId: '' }]);
      });
      expect(new Set(seen).size).toBe(1);
      expect(answers[0]).toMatchObject({ status: 401, body: { code: 'INVALID_CREDENTIALS' } });
    });

    it('takes as long for an unknown email', async () => {
      const { email } = await app.register();
      const times: Record<'known' | 'unknown', number[]> = { known: [], unknown: [] };
      for (let i = 0; i < 4; i++)
        for (const who of ['known', 'unknown'] as const) {
          const started = performance.now();
          await app.login(who === 'known' ? email : `nobody-${crypto.randomUUID()}@example.org`, 'not the password');
          times[who].push(performance.now() - started);
        }
      // Without the work for nobody it would be a few milliseconds against tens.
      expect(Math.min(...times.unknown)).toBeGreaterThan(Math.min(...times.known) / 5);
    });
  });

  describe('guessing', () => {
    it('stops after five wrong passwords, tells when to come back, and spares other accounts', async () => {
      const { email } = await app.register();
      const other = await app.register();
      const statuses: number[] = [];
      for (let i = 0; i < 5; i++) statuses.push((await app.login(email, 'not the password')).status);
      expect(statuses).toEqual([401, 401, 401, 401, 401]);
      const refused = await app.login(email);
      expect([refused.status, refused.body.code]).toEqual([429, 'RATE_LIMITED']);
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(50);
      expect((await app.login(other.email)).status).toBe(200);
    });

    it('does not take the word of a client about its address', async () => {
      const { email } = await app.register();
      const statuses: number[] = [];
      for (let i = 0; i < 8; i++) {
        const headers = {
          'x-forwarded-for': `203.0.113.${i}`,
          forwarded: `for=203.0.113.${i}`,
          'x-real-ip': `203.0.113.${i}`,
        };
        const body = { email, password: 'not the password' };
        statuses.push((await app.call('POST', '/auth/login', { headers, body })).status);
      }
      expect(statuses.slice(5)).toEqual([429, 429, 429]);
    });

    it('looks at few of 40 guesses that come at once', async () => {
      const { email } = await app.register();
      const answers = await Promise.all(Array.from({ length: 40 }, () => app.login(email, 'not the password')));
      expect(answers.filter(({ status }) => status === 401).length).toBeLessThanOrEqual(6);
      expect(answers.every(({ status }) => [401, 429, 503].includes(status))).toBe(true);
    });

    it('lets ten devices of one person sign in at once', async () => {
      const { email } = await app.register();
      const answers = await Promise.all(Array.from({ length: 10 }, () => app.login(email)));
      expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(200));
    });

    it('limits registrations of one address', async () => {
      const other = await SignInApp.start(testConfig({ REGISTER_LIMIT_PER_HOUR: '2' }), database.url);
      try {
        await other.register();
        await other.register();
        const body = { email: `third-${crypto.randomUUID()}@example.org`, password: PASSWORD };
        const refused = await other.call('POST', '/auth/register', { body });
        expect([refused.status, refused.body['code']]).toEqual([429, 'RATE_LIMITED']);
        expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(60);
      } finally {
        await other.stop();
      }
    });
  });

  describe('refreshing', () => {
    it('takes the token from the body or as Bearer and gives a new pair each time', async () => {
      const first = await app.register();
      const second = await app.refresh(first.refreshToken);
      expect(second.status).toBe(200);
      expect(second.headers.get('cache-control')).toBe('no-store');
      const third = await app.call<Tokens>('POST', '/auth/refresh', { token: second.body.refreshToken });
      expect(third.status).toBe(200);
      expect(new Set([first.refreshToken, second.body.refreshToken, third.body.refreshToken]).size).toBe(3);
      expect((await app.call('GET', '/auth/me', { token: third.body.accessToken })).status).toBe(200);
      expect(claimsOf(third.body.accessToken)['sid']).toBe(claimsOf(first.accessToken)['sid']);
    });

    it('ends the sign-in when a used token comes back, for access tokens too', async () => {
      const first = await app.register();
      const second = await app.refresh(first.refreshToken);
      const third = await app.refresh(second.body.refreshToken);
      const reused = await app.refresh(first.refreshToken);
      expect([reused.status, reused.body.code]).toEqual([401, 'REFRESH_TOKEN_REUSED']);
      const stolen = await app.refresh(third.body.refreshToken);
      expect([stolen.status, stolen.body.code]).toEqual([401, 'SIGN_IN_REVOKED']);
      const me = await app.call('GET', '/auth/me', { token: third.body.accessToken });
      expect([me.status, me.body['code']]).toEqual([401, 'SIGN_IN_REVOKED']);
    });

    it.each([
      ['nothing', {}, undefined],
      ['an unknown token', { refreshToken: 'x'.repeat(43) }, undefined],
      ['an access token', null, undefined],
      ['another alphabet', { refreshToken: 'ж'.repeat(43) }, undefined],
      ['a long text', { refreshToken: 'x'.repeat(500) }, undefined],
      ['an unknown Bearer', undefined, 'y'.repeat(43)],
    ])('refuses %s', async (_what, body, token) => {
      const sent = body === null ? { refreshToken: (await app.register()).accessToken } : body;
      const answer = await app.call('POST', '/auth/refresh', { body: sent, token });
      expect([answer.status, answer.body['code']]).toEqual([401, 'REFRESH_TOKEN_INVALID']);
    });

    it('allows 30 a minute for one sign-in', async () => {
      let { refreshToken } = await app.register();
      for (let i = 0; i < 30; i++) refreshToken = (await app.refresh(refreshToken)).body.refreshToken;
      const refused = await app.refresh(refreshToken);
      expect([refused.status, refused.body.code]).toEqual([429, 'RATE_LIMITED']);
      expect((await app.refresh((await app.register()).refreshToken)).status).toBe(200);
    });
  });

  describe('signing out', () => {
    it('ends this sign-in at once and leaves the others', async () => {
      const first = await app.register();
      const second = await app.login(first.email);
      await app.call('GET', '/auth/me', { token: first.accessToken });
      expect((await app.call('POST', '/auth/logout', { token: first.accessToken })).status).toBe(204);
      expect((await app.call('GET', '/auth/me', { token: first.accessToken })).body['code']).toBe('SIGN_IN_REVOKED');
      expect((await app.refresh(first.refreshToken)).body.code).toBe('SIGN_IN_REVOKED');
      expect((await app.call('GET', '/auth/me', { token: second.body.accessToken })).status).toBe(200);
    });

    it('ends every sign-in with ?all=true', async () => {
      const first = await app.register();
      const second = await app.login(first.email);
      expect((await app.call('POST', '/auth/logout?all=true', { token: first.accessToken })).status).toBe(204);
      for (const token of [first.accessToken, second.body.accessToken])
        expect((await app.call('GET', '/auth/me', { token })).status).toBe(401);
      expect((await app.login(first.email)).status).toBe(200);
    });

    it('asks for a sign-in, and refuses other values of all', async () => {
      expect((await app.call('POST', '/auth/logout')).status).toBe(401);
      const { accessToken } = await app.register();
      expect((await app.call('POST', '/auth/logout?all=yes', { token: accessToken })).status).toBe(400);
      expect((await app.call('GET', '/auth/me', { token: accessToken })).status).toBe(200);
    });
  });

  describe('access tokens', () => {
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const hs = (bits: 256 | 384 | 512, header: object, payload: object, secret: string | Buffer = SECRET) => {
      const text = `${part({ typ: 'JWT', alg: `HS${bits}`, ...header })}.${part(payload)}`;
      return `${text}.${createHmac(`sha${bits}`, secret).update(text).digest('base64url')}`;
    };
    let real: Record<string, unknown>;
    let realToken: string;
    let refreshToken: string;

    beforeAll(async () => {
      const signedIn = await app.register();
      realToken = signedIn.accessToken;
      refreshToken = signedIn.refreshToken;
      real = claimsOf(realToken);
    });

    const now = () => Math.floor(Date.now() / 1_000);
    const without = (name: string) => Object.fromEntries(Object.entries(real).filter(([key]) => key !== name));
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });

    const forgeries: Record<string, () => string> = {
      'no algorithm': () => `${part({ alg: 'none', typ: 'JWT' })}.${part(real)}.`,
      'no algorithm in capitals': () => `${part({ alg: 'NONE', typ: 'JWT' })}.${part(real)}.`,
      'no signature': () => realToken.split('.').slice(0, 2).join('.') + '.',
      'another secret': () => hs(256, {}, real, 'another secret that is just as long as the one in use'),
      'an empty secret': () => hs(256, {}, real, ''),
      HS384: () => hs(384, {}, real),
      HS512: () => hs(512, {}, real),
      'RS256 with an own key': () => {
        const text = `${part({ alg: 'RS256', typ: 'JWT' })}.${part(real)}`;
        return `${text}.${signWithKey('sha256', Buffer.from(text), rsa.privateKey).toString('base64url')}`;
      },
      'HS256 keyed with a public key': () =>
        hs(256, {}, real, rsa.publicKey.export({ type: 'spki', format: 'pem' }) as string),
      'a key of its own in the header': () =>
        hs(256, { jwk: { kty: 'oct', k: 'eA' }, jku: 'https://evil.example/keys', kid: '../../dev/null' }, real, 'x'),
      'no exp': () => hs(256, {}, without('exp')),
      'no iat': () => hs(256, {}, without('iat')),
      'no sid': () => hs(256, {}, without('sid')),
      'no sub': () => hs(256, {}, without('sub')),
      'no jti': () => hs(256, {}, without('jti')),
      'no typ': () => hs(256, {}, without('typ')),
      'no iss': () => hs(256, {}, without('iss')),
      'no aud': () => hs(256, {}, without('aud')),
      'an exp that is text': () => hs(256, {}, { ...real, exp: String(now() + 900) }),
      'another issuer': () => hs(256, {}, { ...real, iss: 'evil' }),
      'another audience': () => hs(256, {}, { ...real, aud: 'other' }),
      'another type': () => hs(256, {}, { ...real, typ: 'refresh' }),
      'another person with this sign-in': () => hs(256, {}, { ...real, sub: crypto.randomUUID() }),
      'an unknown sign-in': () => hs(256, {}, { ...real, sid: crypto.randomUUID() }),
      'a sign-in that is no id': () => hs(256, {}, { ...real, sid: "' OR 1=1 --" }),
      'not yet valid': () => hs(256, {}, { ...real, nbf: now() + 60 }),
      'an edited payload': () => {
        const [header, , signature] = realToken.split('.');
        return `${header}.${part({ ...real, role: 'admin' })}.${signature}`;
      },
      'an array as payload': () => hs(256, {}, [real]),
      'a refresh token': () => refreshToken,
      'no token at all': () => '',
      'three dots': () => '...',
      'not base64': () => 'a.b.c',
    };

    it.each(Object.keys(forgeries))('refuses %s', async (name) => {
      const token = forgeries[name]?.() ?? '';
      const answer = await app.call('GET', '/auth/me', { token });
      const expected = /person|unknown sign-in/.test(name) ? 'SIGN_IN_REVOKED' : 'UNAUTHORIZED';
      expect([answer.status, answer.body['code']]).toEqual([401, expected]);
    });

    it('accepts the token that the table was made of, and one of the same making', async () => {
      expect((await app.call('GET', '/auth/me', { token: realToken })).status).toBe(200);
      expect((await app.call('GET', '/auth/me', { token: hs(256, {}, real) })).status).toBe(200);
    });

    it('refuses an expired one by its own code, beyond a few seconds for clocks that differ', async () => {
      const expired = await app.call('GET', '/auth/me', { token: hs(256, {}, { ...real, exp: now() - 31 }) });
      expect([expired.status, expired.body['code']]).toEqual([401, 'TOKEN_EXPIRED']);
      expect(expired.headers.get('www-authenticate')).toBe('Bearer');
      expect((await app.call('GET', '/auth/me', { token: hs(256, {}, { ...real, exp: now() - 1 }) })).status).toBe(200);
    });

    it('takes the role from the database, whatever the token says', async () => {
      const token = hs(256, {}, { ...real, role: 'admin' });
      expect((await app.call('GET', '/users', { token })).body['code']).toBe('FORBIDDEN');
    });

    it.each(['/auth/me?access_token=', '/auth/me?token='])('does not read tokens from %s', async (path) => {
      expect((await app.call('GET', path + realToken)).status).toBe(401);
    });

    it('refuses other schemes and a bare token', async () => {
      for (const authorization of [realToken, `Basic ${realToken}`, `Token ${realToken}`])
        expect((await app.call('GET', '/auth/me', { headers: { authorization } })).status).toBe(401);
    });
  });
});
