import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { createInterface } from 'node:readline';

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));

/** Starts the PostgreSQL of this run in a process that outlives nothing: it ends, with its data, when we do. */
export default async function globalSetup() {
  const server = spawn(
    process.execPath,
    ['--import', path('../../src/cli/typescript-loader.mjs'), path('./postgres-server.ts')],
    { stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, NODE_OPTIONS: '' } },
  );
  const [line] = await Promise.race([
    once(createInterface({ input: server.stdout }), 'line'),
    once(server, 'exit').then(() => Promise.reject(new Error('The PostgreSQL for the tests did not start.'))),
  ]);
  const { url, folder } = JSON.parse(line);
  process.env.PARLEY_TEST_POSTGRES = url;
  process.env.PARLEY_TEST_FOLDER = folder;
  globalThis.parleyTestPostgres = server;
}
