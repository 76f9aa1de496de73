import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { cpSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { freePort } from '../../src/prisma/embedded/free-port.js';
import { MIGRATIONS_FOLDER, migrate } from '../../src/prisma/migrations.js';
import { temporaryFolder } from '../support/database.js';
import { OwnPostgres } from '../support/own-postgres.js';
import { READY, ServerProcess } from '../support/server-process.js';

/** `ROUNDS=30 npm run test:one -- test/e2e/cluster-boot.test.ts` for the long form. */
const ROUNDS = Number(process.env['ROUNDS'] ?? 1);
const NODES = 5;
const MIGRATIONS = readdirSync(MIGRATIONS_FOLDER, { withFileTypes: true }).filter((entry) => entry.isDirectory());

describe('five nodes that boot at once', () => {
  let postgres: OwnPostgres;

  beforeAll(async () => {
    postgres = await OwnPostgres.start();
  });
  afterAll(() => postgres.remove());

  function databaseUrl(name: string): string {
    const url = new URL(postgres.url);
    url.pathname = `/${name}`;
    return url.href;
  }

  async function createDatabase(name: string): Promise<void> {
    const client = new pg.Client({ connectionString: databaseUrl('postgres') });
    await client.connect();
    await client.query(`CREATE DATABASE ${name}`);
    await client.end();
  }

  async function boot(url: string): Promise<{ tooEarly: number }> {
    const ports = await Promise.all(Array.from({ length: NODES }, () => freePort()));
    const pool = new pg.Pool({ connectionString: url });
    pool.on('error', () => undefined);
    let tooEarly = 0;
    let isOver = false;
    const watching = ports.map(async (port) => {
      while (!isOver) {
        const ready = await fetch(`http://127.0.0.1:${port}/health/ready`).then(
          ({ ok }) => ok,
          () => false,
        );
        // Once ready, the schema is whole, and stays so.
        if (ready && (await applied(pool)).length < MIGRATIONS.length) tooEarly++;
        await sleep(100);
      }
    });
    const servers = ports.map((port) =>
      ServerProcess.spawn({
        DATABASE_URL: url,
        PORT: String(port),
        JWT_SECRET: 'a secret that all of the nodes know well',
      }),
    );
    try {
      await Promise.all(servers.map((server) => server.waitFor(READY)));
      const reports = servers.filter(({ output }) => output.includes('Applied ')).length;
      expect(reports).toBe(1);
      const names = await applied(pool);
      expect(names).toEqual(MIGRATIONS.map(({ name }) => name).sort());
    } finally {
      isOver = true;
      await Promise.all(watching);
      for (const server of servers) {
        server.signal('SIGKILL');
        await server.exit;
      }
      await pool.end();
    }
    return { tooEarly };
  }

  it('on an empty database, or on one that lacks a migration, apply what is missing once, and none fails', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      // It does not even exist yet.
      const empty = await boot(databaseUrl(`empty_${round}`));
      const url = databaseUrl(`pending_${round}`);
      await createDatabase(`pending_${round}`);
      expect(await migrate(url, allButTheNewest())).toHaveLength(MIGRATIONS.length - 1);
      const pending = await boot(url);
      expect([empty, pending]).toEqual([{ tooEarly: 0 }, { tooEarly: 0 }]);
    }
    console.info(
      `${NODES} nodes at once, ${ROUNDS} times on no database and on a pending migration: failed boots 0, applied twice 0`,
    );
  }, 1_800_000);
});

/** Names of the migrations that have gone through, each as often as it did. */
async function applied(pool: pg.Pool): Promise<string[]> {
  const { rows } = await pool
    .query<{ name: string }>(
      'SELECT migration_name AS name FROM _prisma_migrations WHERE finished_at IS NOT NULL ORDER BY 1',
    )
    .catch(() => ({ rows: [] as { name: string }[] }));
  return rows.map(({ name }) => name);
}

/** A folder of migrations as the release before had it. */
function allButTheNewest(): string {
  const folder = temporaryFolder('migrations-');
  const names = MIGRATIONS.map(({ name }) => name).sort();
  for (const name of [...names.slice(0, -1), 'migration_lock.toml'])
    cpSync(join(MIGRATIONS_FOLDER, name), join(folder, name), { recursive: true });
  return folder;
}
