import { randomBytes } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { AppConfig } from '../../src/config/app-config.js';
import { TEMPLATE_DATABASE } from './template-database.js';

export interface TestDatabase {
  readonly url: string;
  /** Deletes it, whoever is still connected. */
  drop(): Promise<void>;
}

/** What PostgreSQL answers while another copy of the template is being made. */
const TEMPLATE_BUSY = new Set(['55006', '40001', '40P01']);

/** A migrated, empty database of one's own. `migrated: false` makes one without any table. */
export async function createTestDatabase({ migrated = true } = {}): Promise<TestDatabase> {
  const name = `parley_${randomBytes(8).toString('hex')}`;
  const template = migrated ? TEMPLATE_DATABASE : 'template0';
  await administer(async (client) => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        await client.query(`CREATE DATABASE ${name} TEMPLATE ${template} STRATEGY FILE_COPY`);
        return;
      } catch (error) {
        if (attempt === 50 || !TEMPLATE_BUSY.has((error as { code?: string }).code ?? '')) throw error;
        await delay(20 + Math.random() * 50);
      }
    }
  });
  const url = new URL(postgresUrl());
  url.pathname = `/${name}`;
  return {
    url: url.href,
    drop: () => administer((client) => client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)),
  };
}

/** The address of the run's PostgreSQL, as its superuser. */
export function postgresUrl(): string {
  const url = process.env['PARLEY_TEST_POSTGRES'];
  if (!url) throw new Error('There is no PostgreSQL for this test: run it through test/jest.config.mjs.');
  return url;
}

/** A folder of one's own that is gone after the run. */
export function temporaryFolder(prefix = 'data-'): string {
  return mkdtempSync(join(process.env['PARLEY_TEST_FOLDER'] ?? tmpdir(), prefix));
}

/** A valid configuration for tests: any free port on loopback, its own data folder, silent. Overrides are environment keys. */
export function testConfig(overrides: Readonly<Record<string, string | undefined>> = {}): AppConfig {
  return AppConfig.from(testEnvironment(overrides));
}

/** The environment behind `testConfig`, for servers that are started as processes. */
export function testEnvironment(
  overrides: Readonly<Record<string, string | undefined>> = {},
): Record<string, string | undefined> {
  return {
    NODE_ENV: 'test',
    PORT: '0',
    HOST: '127.0.0.1',
    LOG_LEVEL: 'silent',
    DATA_DIR: overrides['DATA_DIR'] ?? temporaryFolder(),
    ...overrides,
  };
}

async function administer(work: (client: pg.Client) => Promise<unknown>): Promise<void> {
  const client = new pg.Client({ connectionString: postgresUrl() });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
