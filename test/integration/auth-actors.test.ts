import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { ActorResolver } from '../../src/auth/actor-resolver.service.js';
import { SignInsService } from '../../src/auth/tokens/sign-ins.service.js';
import type { Actor } from '../../src/common/actor.js';
import { newId } from '../../src/common/ids.js';
import { DomainEventBus } from '../../src/events/domain-event-bus.js';
import type { DomainEvents } from '../../src/events/domain-events.js';
import { RolesService } from '../../src/users/roles.service.js';
import { createTestDatabase, testConfig, type TestDatabase } from '../support/database.js';
import { SignInApp } from '../support/sign-in-app.js';

const SECRET = 'one secret that both nodes of these tests share with each other';

describe('actors', () => {
  let database: TestDatabase;
  let sql: pg.Client;
  let node: SignInApp;
  let otherNode: SignInApp;
  let actors: ActorResolver;
  let ends: DomainEvents['sign-in.revoked'][];

  beforeAll(async () => {
    database = await createTestDatabase();
    sql = new pg.Client({ connectionString: database.url });
    await sql.connect();
    node = await SignInApp.start(testConfig({ JWT_SECRET: SECRET }), database.url);
    otherNode = await SignInApp.start(testConfig({ JWT_SECRET: SECRET }), database.url);
    actors = node.nest.get(ActorResolver);
    node.nest.get(DomainEventBus).subscribe('sign-in.revoked', (end) => void ends.push(end));
  });

  beforeEach(() => void (ends = []));

  afterAll(async () => {
    await node.stop();
    await otherNode.stop();
    await sql.end();
    await database.drop();
  });

  async function signedIn(role = 'user') {
    const userId = newId();
    await sql.query('INSERT INTO users (id, email, role) VALUES ($1, $2, $3)', [userId, `${userId}@example.org`, role]);
    const pair = await node.nest.get(SignInsService).open(userId, { address: 'here', userAgent: null });
    return { userId, ...pair };
  }

  async function actorOf(role?: string): Promise<Actor> {
    return actors.fromAccessToken((await signedIn(role)).accessToken);
  }

  it('come from an access token, with the role of the database and the end of the token', async () => {
    const { userId, accessToken } = await signedIn('operator');
    const before = Date.now();
    const actor = await actors.fromAccessToken(accessToken);
    expect(actor).toMatchObject({ userId, role: 'operator' });
    expect(actor.expiresAt - before).toBeGreaterThan(897_000);
    expect(actor.expiresAt - before).toBeLessThanOrEqual(901_000);
  });

  it('cost no question to the database while they are known', async () => {
    const { accessToken } = await signedIn();
    const unknown = await signedIn();
    await actors.fromAccessToken(accessToken);
    await sql.query('BEGIN');
    await sql.query('LOCK TABLE refresh_families, users IN ACCESS EXCLUSIVE MODE');
    try {
      for (let i = 0; i < 500; i++) await actors.fromAccessToken(accessToken);
      // The control: somebody who is not known yet has to wait for the lock, and is told that the database is away.
      await expect(actors.fromAccessToken(unknown.accessToken)).rejects.toThrow(/lock timeout/);
    } finally {
      await sql.query('ROLLBACK');
    }
    expect(await actors.fromAccessToken(unknown.accessToken)).toMatchObject({ userId: unknown.userId });
  });

  it('end at once with their sign-in', async () => {
    const { userId, accessToken } = await signedIn();
    const { signInId } = await actors.fromAccessToken(accessToken);
    await node.nest.get(SignInsService).end(userId, signInId, 'logout');
    await expect(actors.fromAccessToken(accessToken)).rejects.toMatchObject({ code: 'SIGN_IN_REVOKED' });
    expect(ends).toEqual([{ userId, signInId, reason: 'logout' }]);
  });

  it('are told to have ended once, however often somebody signs out', async () => {
    const { userId, signInId } = await actorOf();
    for (let i = 0; i < 3; i++) await node.nest.get(SignInsService).end(userId, signInId, 'logout');
    expect(ends).toHaveLength(1);
  });

  it('get a higher role at once and stay signed in', async () => {
    const admin = await actorOf('admin');
    const { userId, accessToken } = await signedIn();
    await actors.fromAccessToken(accessToken);
    await node.nest.get(RolesService).change(admin, userId, 'operator');
    expect(await actors.fromAccessToken(accessToken)).toMatchObject({ role: 'operator' });
    expect(ends).toEqual([]);
  });

  it('lose a role and their sign-ins with it', async () => {
    const admin = await actorOf('admin');
    const { userId, accessToken, refreshToken } = await signedIn('senior_operator');
    await actors.fromAccessToken(accessToken);
    await node.nest.get(RolesService).change(admin, userId, 'operator');
    await node.nest.get(DomainEventBus).settled();
    await expect(actors.fromAccessToken(accessToken)).rejects.toMatchObject({ code: 'SIGN_IN_REVOKED' });
    await expect(node.nest.get(SignInsService).refresh(refreshToken)).rejects.toMatchObject({
      code: 'SIGN_IN_REVOKED',
    });
    expect(ends).toEqual([{ userId, signInId: null, reason: 'role_changed' }]);
  });

  it('are nobody when they are disabled', async () => {
    const { userId, accessToken } = await signedIn();
    await sql.query('UPDATE users SET is_active = false WHERE id = $1', [userId]);
    await expect(actors.fromAccessToken(accessToken)).rejects.toMatchObject({ code: 'SIGN_IN_REVOKED' });
  });

  describe('by ticket', () => {
    it('are the same as by the token, until the end of the token', async () => {
      const actor = await actorOf('operator');
      const { ticket, expiresIn } = await actors.issueTicket(actor);
      expect(expiresIn).toBe(30);
      expect(ticket).toMatch(/^[\w-]{43}$/);
      expect(await otherNode.nest.get(ActorResolver).redeemTicket(ticket)).toEqual(actor);
    });

    it('are let in once, of 20 who come at once to two nodes', async () => {
      const { ticket } = await actors.issueTicket(await actorOf());
      const outcomes = await Promise.allSettled(
        Array.from({ length: 20 }, (_, i) => (i % 2 ? node : otherNode).nest.get(ActorResolver).redeemTicket(ticket)),
      );
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      for (const outcome of outcomes)
        if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'TICKET_INVALID' });
    });

    it('are refused after 30 seconds', async () => {
      const actor = await actorOf();
      const { ticket } = await actors.issueTicket(actor);
      const { rows } = await sql.query<{ life: number }>(
        `UPDATE stream_tickets SET expires_at = now() - interval '1 millisecond' WHERE user_id = $1
         RETURNING extract(epoch FROM now() - (SELECT expires_at FROM stream_tickets WHERE user_id = $1))::float8 AS life`,
        [actor.userId],
      );
      expect(rows[0]?.life).toBeGreaterThan(-30.5);
      expect(rows[0]?.life).toBeLessThan(-29);
      await expect(actors.redeemTicket(ticket)).rejects.toMatchObject({ code: 'TICKET_INVALID' });
    });

    it('are refused once they have signed out', async () => {
      const actor = await actorOf();
      const { ticket } = await actors.issueTicket(actor);
      await node.nest.get(SignInsService).end(actor.userId, actor.signInId, 'logout');
      await expect(actors.redeemTicket(ticket)).rejects.toMatchObject({ code: 'SIGN_IN_REVOKED' });
    });

    it.each(['', 'x', 'x'.repeat(43), 'ж'.repeat(43), "' OR 1=1 --", 'a\0b'])(
      'are refused with "%s"',
      async (ticket) => {
        await expect(actors.redeemTicket(ticket)).rejects.toMatchObject({ code: 'TICKET_INVALID' });
      },
    );

    it('are not found in the database', async () => {
      const actor = await actorOf();
      const { ticket } = await actors.issueTicket(actor);
      const { rows } = await sql.query<{ row: string }>(
        'SELECT t::text AS row FROM stream_tickets t WHERE user_id = $1',
        [actor.userId],
      );
      expect(rows[0]?.row).not.toContain(ticket);
      expect(rows[0]?.row).not.toContain(Buffer.from(ticket, 'base64url').toString('hex'));
    });
  });
});
