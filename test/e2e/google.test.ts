import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { createTestDatabase, testConfig, type TestDatabase } from '../support/database.js';
import { GoogleProvider } from '../support/google-provider.js';
import { SignInApp, type Answer } from '../support/sign-in-app.js';

const PAGE = 'https://app.example/welcome';

/** What a browser remembers between here and there. */
class Browser {
  cookie = '';

  constructor(private readonly app: SignInApp) {}

  async open(path: string, accept = '*/*'): Promise<Answer> {
    const headers = { accept, ...(this.cookie ? { cookie: this.cookie } : {}) };
    const answer = await this.app.call('GET', path, { headers });
    const set = answer.headers.get('set-cookie');
    if (set) this.cookie = set.startsWith('parley_google=;') ? '' : (set.split(';')[0] ?? '');
    return answer;
  }
}

describe('signing in with Google', () => {
  let database: TestDatabase;
  let sql: pg.Client;
  let provider: GoogleProvider;
  let app: SignInApp;
  let person: { sub: string; email: string; email_verified: boolean; [claim: string]: unknown };

  beforeAll(async () => {
    database = await createTestDatabase();
    sql = new pg.Client({ connectionString: database.url });
    await sql.connect();
    provider = await GoogleProvider.start();
    const settings = { ...provider.environment, GOOGLE_REDIRECT_URL: PAGE, REGISTER_LIMIT_PER_HOUR: '1000' };
    app = await SignInApp.start(testConfig(settings), database.url);
  });

  afterAll(async () => {
    await app.stop();
    await provider.stop();
    await sql.end();
    await database.drop();
  });

  beforeEach(async () => {
    const sub = crypto.randomUUID();
    person = { sub, email: `${sub}@example.org`, email_verified: true, name: 'Ada Lovelace', given_name: 'Ada' };
    await provider.behave({ userinfo: person });
  });

  const people = async (where: string, value: string) =>
    (await sql.query<Record<string, unknown>>(`SELECT * FROM users WHERE ${where} = $1`, [value])).rows;

  /** Goes to the provider and comes back with what it answered: the path of our callback. */
  async function agree(browser: Browser, start = '/auth/google'): Promise<{ callback: string; authorization: URL }> {
    const begun = await browser.open(start);
    expect(begun.status).toBe(302);
    const authorization = new URL(begun.headers.get('location') ?? '');
    const answer = await fetch(authorization, { redirect: 'manual' });
    const back = new URL(answer.headers.get('location') ?? '');
    return { callback: back.pathname + back.search, authorization };
  }

  async function signIn(browser = new Browser(app), start?: string): Promise<Answer> {
    return browser.open((await agree(browser, start)).callback);
  }

  const fragment = (answer: Answer) =>
    Object.fromEntries(new URLSearchParams(new URL(answer.headers.get('location') ?? '').hash.slice(1)));

  const meOf = async (answer: Answer) =>
    (await app.call('GET', '/auth/me', { token: fragment(answer)['accessToken'] })).body;

  async function expectRefused(answer: Answer): Promise<void> {
    expect([answer.status, answer.body['code']]).toEqual([401, 'OAUTH_FAILED']);
    expect(answer.headers.get('location')).toBeNull();
    expect(await people('google_subject', person.sub)).toEqual([]);
  }

  describe('that works', () => {
    it('makes an account, and gives the page tokens in the fragment', async () => {
      const answer = await signIn();
      expect(answer.status).toBe(302);
      const location = new URL(answer.headers.get('location') ?? '');
      expect(location.origin + location.pathname + location.search).toBe(PAGE);
      expect(fragment(answer)).toEqual({
        accessToken: expect.any(String),
        refreshToken: expect.stringMatching(/^[\w-]{43}$/),
        tokenType: 'Bearer',
        expiresIn: '900',
      });
      expect(answer.headers.get('cache-control')).toBe('no-store');
      expect(answer.headers.get('referrer-policy')).toBe('no-referrer');
      expect(await meOf(answer)).toMatchObject({
        email: person.email,
        name: 'Ada Lovelace',
        firstName: 'Ada',
        role: 'user',
      });
      expect((await app.refresh(fragment(answer)['refreshToken'] ?? '')).status).toBe(200);
    });

    it('asks with state, nonce and an S256 challenge, and shows the verifier that belongs to it', async () => {
      const browser = new Browser(app);
      const { callback, authorization } = await agree(browser);
      const asked = authorization.searchParams;
      expect(asked.get('redirect_uri')).toBe('http://localhost:0/auth/google/callback');
      expect(asked.get('scope')).toBe('openid email profile');
      expect(asked.get('code_challenge_method')).toBe('S256');
      expect(asked.get('state')).toMatch(/^[\w-]{43}$/);
      expect(asked.get('nonce')).toMatch(/^[\w-]{43}$/);
      await browser.open(callback);
      const shown = provider.tokenRequests.at(-1);
      const challenge = createHash('sha256')
        .update(shown?.['code_verifier'] ?? '')
        .digest('base64url');
      expect(challenge).toBe(asked.get('code_challenge'));
    });

    it('ties the attempt to the browser by a cookie that scripts cannot read and that is gone afterwards', async () => {
      const browser = new Browser(app);
      const begun = await browser.open('/auth/google');
      const cookie = begun.headers.get('set-cookie') ?? '';
      expect(cookie).toMatch(
        /^parley_google=[\w-]{43}; Max-Age=600; Path=\/auth\/google; Expires=[^;]+; HttpOnly; SameSite=Lax$/,
      );
      const { callback } = await agree(browser);
      expect((await browser.open(callback)).headers.get('set-cookie')).toMatch(
        /^parley_google=;.*Expires=Thu, 01 Jan 1970/,
      );
    });

    it('sends the cookie over TLS only where the server is reached by it', async () => {
      const config = testConfig({ ...provider.environment, PUBLIC_URL: 'https://chat.example' });
      const secure = await SignInApp.start(config, database.url);
      try {
        const begun = await new Browser(secure).open('/auth/google');
        expect(begun.headers.get('set-cookie')).toContain('; Secure');
        expect(begun.headers.get('location')).toContain(
          encodeURIComponent('https://chat.example/auth/google/callback'),
        );
      } finally {
        await secure.stop();
      }
    });

    it('gives old clients the tokens in the query, by address or by configuration', async () => {
      const byAddress = new URL((await signIn(undefined, '/auth/google?mode=query')).headers.get('location') ?? '');
      expect(byAddress.hash).toBe('');
      expect(byAddress.searchParams.get('accessToken')).toBeTruthy();
      const config = testConfig({
        ...provider.environment,
        GOOGLE_REDIRECT_MODE: 'query',
        PUBLIC_URL: 'http://own.example',
      });
      const old = await SignInApp.start(config, database.url);
      try {
        const browser = new Browser(old);
        const answer = await browser.open((await agree(browser)).callback);
        expect(answer.headers.get('location')).toMatch(/^http:\/\/own\.example\/\?accessToken=/);
      } finally {
        await old.stop();
      }
    });

    it('finds the same person again, whatever became of the email', async () => {
      const first = await meOf(await signIn());
      await provider.behave({ userinfo: { ...person, email: `new-${person.email}` } });
      expect(await meOf(await signIn())).toMatchObject({ id: first['id'], email: person.email });
    });

    it('opens the account of a verified email, whose password goes on working', async () => {
      const owner = await app.register({ email: person.email });
      expect(await meOf(await signIn())).toMatchObject({ id: owner.id });
      expect((await app.login(owner.email)).status).toBe(200);
      const { rows } = await sql.query('SELECT action FROM audit_entries WHERE subject_id = $1', [owner.id]);
      expect(rows).toEqual([{ action: 'user.google-linked' }]);
    });

    it('makes one account, or links one, when answers of the same person come at once', async () => {
      for (const isKnown of [false, true, false, true]) {
        const sub = crypto.randomUUID();
        person = { ...person, sub, email: `${sub}@example.org` };
        await provider.behave({ userinfo: person });
        if (isKnown) await app.register({ email: person.email });
        const browsers = Array.from({ length: 8 }, () => new Browser(app));
        const callbacks = await Promise.all(browsers.map((browser) => agree(browser)));
        const answers = await Promise.all(browsers.map((browser, i) => browser.open(callbacks[i]?.callback ?? '')));
        expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(302));
        expect(await people('google_subject', person.sub)).toHaveLength(1);
      }
    });

    it('takes people without an email, and providers without an id token', async () => {
      await provider.behave({ userinfo: { sub: person.sub, name: 'Nobody' }, withoutIdToken: true });
      expect(await meOf(await signIn())).toMatchObject({ email: null, name: 'Nobody' });
    });

    it('keeps nothing of a profile that cannot be kept', async () => {
      await provider.behave({
        userinfo: { ...person, name: 'a\0b', given_name: ['x'], picture: 'javascript:alert(1)' },
      });
      expect(await meOf(await signIn())).toMatchObject({ name: null, firstName: null, avatarUrl: null });
    });
  });

  describe('is refused', () => {
    it('without a state', async () => {
      const browser = new Browser(app);
      const { callback } = await agree(browser);
      await expectRefused(await browser.open(callback.replace(/&state=[^&]+/, '')));
    });

    it('with a state that was made up', async () => {
      const browser = new Browser(app);
      const { callback } = await agree(browser);
      await expectRefused(await browser.open(callback.replace(/state=[^&]+/, `state=${'x'.repeat(43)}`)));
    });

    it('with the state of another attempt', async () => {
      const browser = new Browser(app);
      const other = new URL(`http://x${(await agree(new Browser(app))).callback}`).searchParams.get('state');
      const { callback } = await agree(browser);
      await expectRefused(await browser.open(callback.replace(/state=[^&]+/, `state=${other}`)));
    });

    it('in a browser that did not begin', async () => {
      const { callback } = await agree(new Browser(app));
      const victim = new Browser(app);
      await expectRefused(await victim.open(callback));
      await victim.open('/auth/google');
      await expectRefused(await victim.open(callback));
    });

    it('when the answer comes a second time', async () => {
      const browser = new Browser(app);
      const { callback } = await agree(browser);
      const { cookie } = browser;
      expect((await browser.open(callback)).status).toBe(302);
      browser.cookie = cookie;
      const again = await browser.open(callback);
      expect([again.status, again.body['code']]).toEqual([401, 'OAUTH_FAILED']);
    });

    it('with a code that was used before', async () => {
      const first = new Browser(app);
      const used = await agree(first);
      await first.open(used.callback);
      await sql.query('UPDATE users SET google_subject = NULL WHERE google_subject = $1', [person.sub]);
      const code = new URL(`http://x${used.callback}`).searchParams.get('code');
      const browser = new Browser(app);
      const { callback } = await agree(browser);
      await expectRefused(await browser.open(callback.replace(/code=[^&]+/, `code=${code}`)));
    });

    it('after ten minutes', async () => {
      const browser = new Browser(app);
      const { callback } = await agree(browser);
      await sql.query(`UPDATE oauth_states SET expires_at = now() - interval '1 millisecond'`);
      await expectRefused(await browser.open(callback));
    });

    it.each([
      '',
      '?code=',
      '?state=x',
      '?code[]=a&state[]=b',
      '?code=a&code=b',
      '?error=access_denied',
      '?error=server_error',
    ])('when the provider sends "%s"', async (query) => {
      const browser = new Browser(app);
      await agree(browser);
      await expectRefused(await browser.open(`/auth/google/callback${query}`));
    });

    it('when the person says no', async () => {
      const browser = new Browser(app);
      const { callback } = await agree(browser);
      await expectRefused(await browser.open(callback.replace(/code=[^&]+/, 'error=access_denied')));
    });

    it.each([
      ['the code is refused', { token: { statusCode: 400, body: { error: 'invalid_grant' } } }],
      ['the token endpoint fails', { token: { statusCode: 500, body: 'oops' } }],
      ['there is no access token', { token: { statusCode: 200, body: {} } }],
      ['userinfo fails', { userinfoStatus: 401, userinfo: { error: 'invalid_token', error_description: 'late' } }],
      ['userinfo names nobody', { userinfo: { email: 'a@example.org', email_verified: true } }],
      ['userinfo is no object', { userinfo: ['x'] }],
      ['the id token is for another client', { idToken: { aud: 'somebody else' } }],
      ['the id token is of another issuer', { idToken: { iss: 'https://accounts.google.com.evil.example' } }],
      ['the id token has another nonce', { idToken: { nonce: 'another' } }],
      ['the id token has no nonce', { idToken: { nonce: null } }],
      ['the id token is of yesterday', { idToken: { exp: Math.floor(Date.now() / 1_000) - 86_400 } }],
    ])('when %s', async (_what, behaviour) => {
      await provider.behave({ userinfo: person, ...behaviour });
      await expectRefused(await signIn());
    });

    it.each([false, 'true', undefined])(
      'when the email of somebody else is claimed with email_verified %p',
      async (verified) => {
        const owner = await app.register({ email: person.email });
        await provider.behave({ userinfo: { ...person, email_verified: verified } });
        await expectRefused(await signIn());
        expect((await people('email', owner.email))[0]).toMatchObject({ id: owner.id, google_subject: null });
      },
    );

    it('when the email is not verified and belongs to nobody: it may not be taken either', async () => {
      await provider.behave({ userinfo: { ...person, email_verified: false } });
      await expectRefused(await signIn());
      expect(await people('email', person.email)).toEqual([]);
    });

    it('when the email belongs to another Google account', async () => {
      await signIn();
      const thief = { ...person, sub: crypto.randomUUID() };
      await provider.behave({ userinfo: thief });
      person = thief;
      await expectRefused(await signIn());
    });

    it('for a disabled account, by its Google account and by its email', async () => {
      await signIn();
      await sql.query('UPDATE users SET is_active = false WHERE google_subject = $1', [person.sub]);
      const answer = await signIn();
      expect([answer.status, answer.body['code']]).toEqual([401, 'OAUTH_FAILED']);
      const other = await app.register();
      await sql.query('UPDATE users SET is_active = false WHERE id = $1', [other.id]);
      person = { ...person, sub: crypto.randomUUID(), email: other.email };
      await provider.behave({ userinfo: person });
      await expectRefused(await signIn());
    });

    it('when the provider is not there', async () => {
      const gone = { ...provider.environment, GOOGLE_TOKEN_URL: 'http://127.0.0.1:1/token' };
      const alone = await SignInApp.start(testConfig(gone), database.url);
      try {
        const browser = new Browser(alone);
        await expectRefused(await browser.open((await agree(browser)).callback));
      } finally {
        await alone.stop();
      }
    });

    it('and a person is sent back to the page with the reason, and nothing else', async () => {
      const browser = new Browser(app);
      await agree(browser);
      const html = 'text/html,application/xhtml+xml,*/*;q=0.8';
      const answer = await browser.open('/auth/google/callback?error=access_denied', html);
      expect([answer.status, answer.headers.get('location')]).toEqual([302, `${PAGE}#error=OAUTH_FAILED`]);
    });
  });

  it.each(['redirect', 'redirect_uri', 'returnTo', 'next', 'state', 'code'])(
    'sends nobody where the parameter %s wants: it does not exist',
    async (name) => {
      const answer = await new Browser(app).open(`/auth/google?${name}=https://evil.example/`);
      expect([answer.status, answer.body['code']]).toEqual([400, 'VALIDATION_FAILED']);
    },
  );

  it('knows two ways to carry the tokens', async () => {
    expect((await new Browser(app).open('/auth/google?mode=evil')).status).toBe(400);
  });

  it('is not there when it is not set up', async () => {
    const plain = await SignInApp.start(testConfig(), database.url);
    try {
      for (const path of ['/auth/google', '/auth/google/callback?code=a&state=b']) {
        const answer = await plain.call('GET', path);
        expect([answer.status, answer.body['code']]).toEqual([404, 'GOOGLE_NOT_CONFIGURED']);
      }
    } finally {
      await plain.stop();
    }
  });
});
