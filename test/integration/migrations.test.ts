import { afterEach, describe, expect, it } from '@jest/globals';
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { MIGRATIONS_FOLDER, migrate, readMigrations } from '../../src/prisma/migrations.js';
import { createTestDatabase, temporaryFolder, type TestDatabase } from '../support/database.js';

describe('migrations', () => {
  const databases: TestDatabase[] = [];

  afterEach(async () => {
    for (const database of databases.splice(0)) await database.drop();
  });

  async function emptyDatabase(): Promise<string> {
    const database = await createTestDatabase({ migrated: false });
    databases.push(database);
    return database.url;
  }

  async function query<Row extends pg.QueryResultRow>(url: string, ...statements: string[]): Promise<Row[]> {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      let rows: Row[] = [];
      for (const statement of statements) ({ rows } = await client.query<Row>(statement));
      return rows;
    } finally {
      await client.end();
    }
  }

  /** Today's migrations and one more with this SQL. */
  async function migrationsWith(name: string, sql: string): Promise<string> {
    const folder = temporaryFolder('migrations-');
    await cp(MIGRATIONS_FOLDER, folder, { recursive: true });
    await mkdir(join(folder, name));
    await writeFile(join(folder, name, 'migration.sql'), sql);
    return folder;
  }

  async function names(): Promise<string[]> {
    return (await readMigrations()).migrationDirectories.map(({ path }) => path);
  }

  it('bring an empty database to the present and are recorded where Prisma looks', async () => {
    const url = await emptyDatabase();
    expect(await migrate(url)).toEqual(await names());
    const rows = await query(
      url,
      'SELECT migration_name, finished_at IS NOT NULL AND applied_steps_count = 1 AS done FROM _prisma_migrations ORDER BY 1',
    );
    expect(rows).toEqual((await names()).map((name) => ({ migration_name: name, done: true })));
  });

  it('are applied once', async () => {
    const url = await emptyDatabase();
    await migrate(url);
    expect(await migrate(url)).toEqual([]);
  });

  it('are applied once when five nodes start at the same time', async () => {
    const url = await emptyDatabase();
    const applied = await Promise.all(Array.from({ length: 5 }, () => migrate(url)));
    expect(applied.flat()).toEqual(await names());
    expect(await query(url, 'SELECT 1 FROM _prisma_migrations')).toHaveLength((await names()).length);
  });

  it('may be ahead of an older release that runs on the same database', async () => {
    const url = await emptyDatabase();
    await migrate(url);
    const newer = await migrationsWith('29990101000000_more', 'CREATE TABLE more (id int);');
    expect(await migrate(url, newer)).toEqual(['29990101000000_more']);
    expect(await migrate(url)).toEqual([]);
  });

  it('may hold functions and texts with semicolons', async () => {
    const url = await emptyDatabase();
    const folder = await migrationsWith(
      '29990101000000_semicolons',
      `CREATE FUNCTION two() RETURNS int LANGUAGE plpgsql AS $$ BEGIN PERFORM 1; RETURN 2; END $$;
       CREATE TABLE words AS SELECT two() AS number, 'a;b' AS word;`,
    );
    await migrate(url, folder);
    expect(await query(url, 'SELECT * FROM words')).toEqual([{ number: 2, word: 'a;b' }]);
  });

  it('end the start when one was edited after it had been applied', async () => {
    const url = await emptyDatabase();
    const folder = await migrationsWith('29990101000000_more', 'CREATE TABLE more (id int);');
    await migrate(url, folder);
    const file = join(folder, '29990101000000_more', 'migration.sql');
    await writeFile(file, `${await readFile(file, 'utf8')}\n-- edited`);
    await expect(migrate(url, folder)).rejects.toThrow('29990101000000_more was changed after it had been applied');
  });

  it('end the start, this time and the next, when one fails half-way', async () => {
    const url = await emptyDatabase();
    const folder = await migrationsWith('29990101000000_broken', 'CREATE TABLE twice (id int, id int);');
    await expect(migrate(url, folder)).rejects.toThrow('29990101000000_broken');
    await expect(migrate(url, folder)).rejects.toThrow('29990101000000_broken failed half-way');
  });
});
