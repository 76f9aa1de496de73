import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { MigrationList } from '@prisma/schema-engine-wasm';
import pg from 'pg';
import { withSchemaEngine } from './schema-engine.js';
import { StartError } from './start-error.js';

export const MIGRATIONS_FOLDER = fileURLToPath(new URL('../../prisma/migrations', import.meta.url));

/** Key of the advisory lock that nodes take around migrating; the schema engine's own is another one. */
const MIGRATION_LOCK = 7_275_391;

/** How long a node waits for another one that migrates. */
const LOCK_WAIT_MS = 120_000;

/** The migrations of `folder` as the schema engine wants them, oldest first. */
export async function readMigrations(folder = MIGRATIONS_FOLDER): Promise<MigrationList> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return {
    baseDir: folder,
    lockfile: { path: 'migration_lock.toml', content: await readFile(join(folder, 'migration_lock.toml'), 'utf8') },
    shadowDbInitScript: '',
    migrationDirectories: await Promise.all(
      names.sort().map(async (name) => ({
        path: name,
        migrationFile: {
          path: 'migration.sql',
          content: { tag: 'ok' as const, value: await readFile(join(folder, name, 'migration.sql'), 'utf8') },
        },
      })),
    ),
  };
}

/**
 * Brings the database at `url` up to the migrations of `folder` and returns the names of those it applied.
 * Nodes that start at once take turns.
 * @throws StartError when an earlier migration failed half-way or was edited after it ran
 */
export async function migrate(url: string, folder = MIGRATIONS_FOLDER): Promise<string[]> {
  const migrations = await readMigrations(folder);
  const client = new pg.Client({ connectionString: url, application_name: 'parley migrations' });
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.query(`SET lock_timeout = ${LOCK_WAIT_MS}`);
    await client.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    if (isCurrent(migrations, await appliedMigrations(client))) return [];
    const { appliedMigrationNames } = await withSchemaEngine(url, (engine) =>
      engine.applyMigrations({ migrationsList: migrations, filters: { externalTables: [], externalEnums: [] } }),
    );
    return appliedMigrationNames;
  } finally {
    await client.end();
  }
}

interface AppliedMigration {
  migration_name: string;
  checksum: string;
  finished_at: Date | null;
}

async function appliedMigrations(client: pg.Client): Promise<AppliedMigration[]> {
  const table = await client.query<{ found: boolean }>(`SELECT to_regclass('_prisma_migrations') IS NOT NULL AS found`);
  if (!table.rows[0]?.found) return [];
  const { rows } = await client.query<AppliedMigration>(
    'SELECT migration_name, checksum, finished_at FROM _prisma_migrations WHERE rolled_back_at IS NULL',
  );
  return rows;
}

/** Whether nothing is left to apply; a database that is ahead (a newer release runs on it too) is fine. */
function isCurrent({ migrationDirectories }: MigrationList, applied: readonly AppliedMigration[]): boolean {
  const failed = applied.find((row) => row.finished_at === null);
  if (failed)
    throw new StartError(
      `the migration ${failed.migration_name} failed half-way: repair the database, then set finished_at or rolled_back_at of its row in _prisma_migrations`,
    );
  const checksums = new Map(applied.map((row) => [row.migration_name, row.checksum]));
  let current = true;
  for (const { path, migrationFile } of migrationDirectories) {
    const known = checksums.get(path);
    if (known === undefined) current = false;
    else if (migrationFile.content.tag === 'ok' && known !== sha256(migrationFile.content.value))
      throw new StartError(`the migration ${path} was changed after it had been applied to this database`);
  }
  return current;
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
