import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { TestApp } from '../support/app.js';
import { temporaryFolder } from '../support/database.js';
import { ADMIN } from '../support/desk.js';

interface NewmanReport {
  run: {
    stats: { requests: { total: number }; assertions: { total: number; failed: number } };
    failures: { error: { message: string }; source?: { name: string } }[];
  };
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

describe('docs/postman.json', () => {
  it('runs from top to bottom against a fresh server without a failure', async () => {
    const app = await TestApp.start({
      RATE_LIMIT_MS: undefined,
      ADMIN_EMAIL: ADMIN.email,
      ADMIN_PASSWORD: ADMIN.password,
    });
    try {
      const { run } = await newman(app.url);
      expect(run.failures.map(({ error, source }) => `${source?.name}: ${error.message}`)).toEqual([]);
      const operations = readFileSync(join(ROOT, 'docs/openapi.json'), 'utf8').match(/"operationId":/g) ?? [];
      expect(run.stats.requests.total).toBeGreaterThanOrEqual(operations.length);
      expect(run.stats.assertions.total).toBeGreaterThanOrEqual(operations.length);
    } finally {
      await app.close();
    }
  });
});

async function newman(baseUrl: string): Promise<NewmanReport> {
  const report = join(temporaryFolder('newman-'), 'report.json');
  const program = join(ROOT, 'node_modules/newman/bin/newman.js');
  const child = spawn(
    process.execPath,
    [
      ...['--no-deprecation', program, 'run', join(ROOT, 'docs/postman.json'), '--env-var', `baseUrl=${baseUrl}`],
      ...['--env-var', `adminEmail=${ADMIN.email}`, '--env-var', `adminPassword=${ADMIN.password}`],
      ...['--reporters', 'json', '--reporter-json-export', report],
    ],
    { stdio: 'inherit' },
  );
  await once(child, 'exit');
  return JSON.parse(readFileSync(report, 'utf8')) as NewmanReport;
}
