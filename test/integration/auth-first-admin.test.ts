import { afterAll, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { newId } from '../../src/common/ids.js';
import { createTestDatabase, testConfig, type TestDatabase } from '../support/database.js';
import { SignInApp } from '../support/sign-in-app.js';

const ADMIN = { ADMIN_EMAIL: 'Root@Example.org', ADMIN_PASSWORD: 'a lantern in the fog' };

describe('the first admin', () => {
  let database: TestDatabase | undefined;
  let sql: pg.Client;

  const tidy = async () => {
    await sql?.end();
    await database?.drop();
  };

  beforeEach(async () => {
    if (database) await tidy();
    database = await createTestDatabase();
    sql = new pg.Client({ connectionString: database.url });
    await sql.connect();
  });

  afterAll(tidy);

  const start = (environment: Record<string, string> = ADMIN) =>
    SignInApp.start(
      testConfig({ JWT_SECRET: 'a secret that is shared by all nodes here', ...environment }),
      database?.url ?? '',
    );
  const admins = async () =>
    (await sql.query<{ email: string }>(`SELECT email FROM users WHERE role = 'admin' ORDER BY email`)).rows.map(
      ({ email }) => email,
    );

  it('is made from the environment, signs in, and is not made again', async () => {
    for (let round = 0; round < 2; round++) {
      const app = await start();
      const { body } = await app.login('root@example.org', ADMIN.ADMIN_PASSWORD);
      const me = await app.call('GET', '/auth/me', { token: body.accessToken });
      expect(me.body).toMatchObject({ email: 'root@example.org', role: 'admin' });
      await app.stop();
    }
    expect(await admins()).toEqual(['root@example.org']);
    const { rows } = await sql.query('SELECT action FROM audit_entries');
    expect(rows).toEqual([{ action: 'user.created' }]);
  });

  it('is one when five nodes start at once', async () => {
    const apps = await Promise.all(Array.from({ length: 5 }, () => start()));
    await Promise.all(apps.map((app) => app.stop()));
    expect(await admins()).toEqual(['root@example.org']);
  });

  it('is the account with that email if there is one, with the password that it has', async () => {
    let app = await start({});
    await app.register({ email: 'root@example.org', password: 'the password of before' });
    await app.stop();
    app = await start();
    expect(await admins()).toEqual(['root@example.org']);
    expect((await app.login('root@example.org', 'the password of before')).status).toBe(200);
    expect((await app.login('root@example.org', ADMIN.ADMIN_PASSWORD)).status).toBe(401);
    await app.stop();
  });

  it('is not made when there is another admin', async () => {
    await sql.query(`INSERT INTO users (id, email, role) VALUES ($1, 'boss@example.org', 'admin')`, [newId()]);
    await (await start()).stop();
    expect(await admins()).toEqual(['boss@example.org']);
    const { rows } = await sql.query('SELECT count(*)::int AS people FROM users');
    expect(rows).toEqual([{ people: 1 }]);
  });

  it('is made when the only admin was disabled', async () => {
    await sql.query(`INSERT INTO users (id, email, role, is_active) VALUES ($1, 'boss@example.org', 'admin', false)`, [
      newId(),
    ]);
    await (await start()).stop();
    expect(await admins()).toEqual(['boss@example.org', 'root@example.org']);
  });
});
