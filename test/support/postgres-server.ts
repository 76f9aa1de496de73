import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { startThrowawayCluster } from '../../src/prisma/embedded/throwaway-cluster.js';
import { migrate } from '../../src/prisma/migrations.js';
import { TEMPLATE_DATABASE } from './template-database.js';

// One PostgreSQL with a migrated template database. Tells its address on stdout and runs until stdin ends.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);

const folder = mkdtempSync(join(tmpdir(), 'parley-test-'));
// The account that PostgreSQL runs as has to pass through.
chmodSync(folder, 0o755);
const cluster = await startThrowawayCluster();
const stop = async () => {
  await cluster.stop();
  rmSync(folder, { recursive: true, force: true });
};
try {
  const admin = new pg.Client({ connectionString: cluster.url() });
  await admin.connect();
  await admin.query(`CREATE DATABASE ${TEMPLATE_DATABASE}`);
  await migrate(cluster.url(TEMPLATE_DATABASE));
  await admin.query(`ALTER DATABASE ${TEMPLATE_DATABASE} WITH ALLOW_CONNECTIONS false IS_TEMPLATE true`);
  await admin.end();
  console.log(JSON.stringify({ url: cluster.url(), folder }));
  process.stdin.resume().once('end', () => void stop());
} catch (error) {
  await stop();
  throw error;
}
