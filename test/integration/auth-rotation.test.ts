import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { AuthService } from '../../src/auth/auth.service.js';
import type { TokenPair } from '../../src/auth/token-pair.js';
import { SignInRetentionService } from '../../src/auth/tokens/sign-in-retention.service.js';
import { SignInsService } from '../../src/auth/tokens/sign-ins.service.js';
import { DomainEventBus } from '../../src/events/domain-event-bus.js';
import type { DomainEvents } from '../../src/events/domain-events.js';
import { newId } from '../../src/common/ids.js';
import { createTestDatabase, testConfig, type TestDatabase } from '../support/database.js';
import { SignInApp } from '../support/sign-in-app.js';

const SECRET = 'one secret that both nodes of these tests share with each other';

describe('refresh tokens on two nodes', () => {
  let database: TestDatabase;
  let sql: pg.Client;
  const nodes: SignInApp[] = [];
  const ends: DomainEvents['sign-in.revoked'][] = [];

  beforeAll(async () => {
    database = await createTestDatabase();
    sql = new pg.Client({ connectionString: database.url });
    await sql.connect();
    for (let i = 0; i < 2; i++)
      nodes.push(await SignInApp.start(testConfig({ JWT_SECRET: SECRET, SIGN_IN_TTL_S: '86400' }), database.url));
    for (const node of nodes) node.nest.get(DomainEventBus).subscribe('sign-in.revoked', (end) => void ends.push(end));
  });

  afterAll(async () => {
    for (const node of nodes) await node.stop();
    await sql.end();
    await database.drop();
  });

  /** Somebody who has just signed in, without the cost of a password. */
  async function signedIn(): Promise<TokenPair & { userId: string; signInId: string }> {
    const userId = newId();
    await sql.query('INSERT INTO users (id, email) VALUES ($1, $2)', [userId, `${userId}@example.org`]);
    const pair = await signIns(0).open(userId, { address: 'here', userAgent: 'a test' });
    const { rows } = await sql.query<{ id: string }>('SELECT id FROM refresh_families WHERE user_id = $1', [userId]);
    return { ...pair, userId, signInId: rows[0]?.id ?? '' };
  }

  const signIns = (node: number) => (nodes[node % nodes.length] as SignInApp).nest.get(SignInsService);
  const refresh = (token: string, node = 0) => signIns(node).refresh(token);
  const hashOf = (token: string) => createHash('sha256').update(token).digest();
  const age = (token: string, seconds: number) =>
    sql.query(`UPDATE refresh_tokens SET used_at = used_at - make_interval(secs => $2) WHERE token_hash = $1`, [
      hashOf(token),
      seconds,
    ]);

  it('gives tabs that refresh at the same time the same child, on either node', async () => {
    for (let round = 0; round < 25; round++) {
      const { refreshToken, signInId } = await signedIn();
      const pairs = await Promise.all([0, 1, 0, 1].map((node) => refresh(refreshToken, node)));
      expect(new Set(pairs.map((pair) => pair.refreshToken)).size).toBe(1);
      const { rows } = await sql.query('SELECT count(*)::int AS tokens FROM refresh_tokens WHERE family_id = $1', [
        signInId,
      ]);
      expect(rows).toEqual([{ tokens: 2 }]);
    }
    expect(ends).toEqual([]);
  });

  it('gives the parent that is shown again within ten seconds the same child', async () => {
    const { refreshToken } = await signedIn();
    const first = await refresh(refreshToken);
    await age(refreshToken, 9);
    expect((await refresh(refreshToken, 1)).refreshToken).toBe(first.refreshToken);
    expect((await refresh(first.refreshToken)).refreshToken).not.toBe(first.refreshToken);
  });

  it('takes a parent of more than ten seconds ago for stolen, and ends the sign-in', async () => {
    const { refreshToken, signInId, userId } = await signedIn();
    const child = await refresh(refreshToken);
    await age(refreshToken, 10.5);
    await expect(refresh(refreshToken, 1)).rejects.toMatchObject({ code: 'REFRESH_TOKEN_REUSED' });
    await expect(refresh(child.refreshToken)).rejects.toMatchObject({ code: 'SIGN_IN_REVOKED' });
    expect(ends).toContainEqual({ userId, signInId, reason: 'reuse' });
    const { rows } = await sql.query('SELECT revoked_reason FROM refresh_families WHERE id = $1', [signInId]);
    expect(rows).toEqual([{ revoked_reason: 'reuse' }]);
  });

  it('takes a grandparent for stolen, also within ten seconds', async () => {
    const { refreshToken } = await signedIn();
    const child = await refresh(refreshToken);
    const grandchild = await refresh(child.refreshToken);
    await expect(refresh(refreshToken)).rejects.toMatchObject({ code: 'REFRESH_TOKEN_REUSED' });
    await expect(refresh(grandchild.refreshToken)).rejects.toMatchObject({ code: 'SIGN_IN_REVOKED' });
  });

  it('ends one sign-in only when one was stolen', async () => {
    const { refreshToken, userId } = await signedIn();
    const other = await signIns(1).open(userId, { address: 'there', userAgent: null });
    await refresh(refreshToken);
    await age(refreshToken, 60);
    await expect(refresh(refreshToken)).rejects.toMatchObject({ code: 'REFRESH_TOKEN_REUSED' });
    await expect(refresh(other.refreshToken)).resolves.toMatchObject({ expiresIn: 900 });
  });

  it('leaves nothing good behind when everything is ended while tabs refresh', async () => {
    for (let round = 0; round < 10; round++) {
      const { refreshToken, userId } = await signedIn();
      const outcomes = await Promise.allSettled([
        refresh(refreshToken, 0),
        signIns(1).endAll(userId, 'logout_all'),
        refresh(refreshToken, 1),
      ]);
      const tokens = outcomes.flatMap((outcome) =>
        outcome.status === 'fulfilled' && outcome.value ? [outcome.value.refreshToken] : [],
      );
      for (const token of [refreshToken, ...tokens])
        await expect(refresh(token)).rejects.toMatchObject({ code: 'SIGN_IN_REVOKED' });
    }
  });

  it('refuses an expired token without ending the sign-in', async () => {
    const { refreshToken, signInId } = await signedIn();
    await sql.query(`UPDATE refresh_tokens SET expires_at = now() - interval '1 second' WHERE family_id = $1`, [
      signInId,
    ]);
    await expect(refresh(refreshToken)).rejects.toMatchObject({ code: 'REFRESH_TOKEN_INVALID' });
    const { rows } = await sql.query('SELECT revoked_at FROM refresh_families WHERE id = $1', [signInId]);
    expect(rows).toEqual([{ revoked_at: null }]);
  });

  it('ends every sign-in at its absolute end, which no token outlives', async () => {
    const { refreshToken, signInId } = await signedIn();
    const child = await refresh(refreshToken);
    const { rows } = await sql.query(
      `SELECT bool_and(t.expires_at <= f.expires_at) AS within, max(f.expires_at) <= now() + interval '1 day' AS day
         FROM refresh_tokens t JOIN refresh_families f ON f.id = t.family_id WHERE f.id = $1`,
      [signInId],
    );
    expect(rows).toEqual([{ within: true, day: true }]);
    await sql.query(`UPDATE refresh_families SET expires_at = now() WHERE id = $1`, [signInId]);
    await expect(refresh(child.refreshToken)).rejects.toMatchObject({ code: 'REFRESH_TOKEN_INVALID' });
  });

  it('refuses the tokens of a disabled person', async () => {
    const { refreshToken, userId } = await signedIn();
    await sql.query('UPDATE users SET is_active = false WHERE id = $1', [userId]);
    await expect(refresh(refreshToken)).rejects.toMatchObject({ code: 'SIGN_IN_REVOKED' });
  });

  it('keeps hashes only', async () => {
    const { refreshToken, signInId } = await signedIn();
    const child = await refresh(refreshToken);
    const { rows } = await sql.query<{ token_hash: Buffer; row: string }>(
      'SELECT token_hash, t::text AS row FROM refresh_tokens t WHERE family_id = $1',
      [signInId],
    );
    const kept = rows.map((row) => row.token_hash.toString('hex')).sort();
    expect(kept).toEqual([refreshToken, child.refreshToken].map((token) => hashOf(token).toString('hex')).sort());
    for (const { row } of rows) {
      for (const token of [refreshToken, child.refreshToken]) {
        expect(row).not.toContain(token);
        expect(row).not.toContain(Buffer.from(token, 'base64url').toString('hex'));
      }
    }
  });

  it('counts 30 refreshes of one sign-in and changes nothing when it refuses', async () => {
    let { refreshToken } = await signedIn();
    const last = { refreshToken };
    for (let i = 0; i < 30; i++) refreshToken = (await refresh(refreshToken)).refreshToken;
    // One more is let in every two seconds, which a slow machine may have taken by now.
    const goOn = async (): Promise<never> => {
      for (let i = 0; i < 100; i++) refreshToken = (await refresh(refreshToken)).refreshToken;
      throw new Error('nothing was refused');
    };
    await expect(goOn()).rejects.toMatchObject({ code: 'RATE_LIMITED' });
    last.refreshToken = refreshToken;
    // Another node has a count of its own: the token is still good.
    await expect(refresh(last.refreshToken, 1)).resolves.toMatchObject({ expiresIn: 900 });
  });

  it('removes what ended long ago, and nothing that is still good', async () => {
    const old = await signedIn();
    const good = await signedIn();
    const child = await refresh(good.refreshToken);
    await sql.query(`UPDATE refresh_families SET expires_at = now() - interval '2 days' WHERE id = $1`, [old.signInId]);
    await sql.query(`UPDATE refresh_tokens SET expires_at = now() - interval '2 days' WHERE token_hash = $1`, [
      hashOf(good.refreshToken),
    ]);
    await sql.query(`INSERT INTO oauth_states VALUES ('\\x01', 'v', 'n', 'fragment', now() - interval '1 second')`);
    expect(await (nodes[0] as SignInApp).nest.get(SignInRetentionService).tidy()).toBe(3);
    const { rows } = await sql.query('SELECT 1 FROM refresh_families WHERE id = $1', [old.signInId]);
    expect(rows).toEqual([]);
    await expect(refresh(child.refreshToken)).resolves.toMatchObject({ expiresIn: 900 });
    await expect(refresh(old.refreshToken)).rejects.toMatchObject({ code: 'REFRESH_TOKEN_INVALID' });
  });

  it('signs in through the service that other dialects use, with a username', async () => {
    const auth = (nodes[0] as SignInApp).nest.get(AuthService);
    const email = `${newId()}@example.org`;
    const origin = { address: 'here', userAgent: null };
    await auth.register({ email, password: 'lamp quiet orbit', username: 'ada' }, origin);
    expect(await auth.login({ email, password: 'lamp quiet orbit' }, origin)).toMatchObject({ expiresIn: 900 });
    const { rows } = await sql.query('SELECT username, name FROM users WHERE email = $1', [email]);
    expect(rows).toEqual([{ username: 'ada', name: null }]);
  });
});
