import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { SERVER_FLAGS, ServerProcess } from '../support/server-process.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const BUNDLE = `${ROOT}dist/bundle/`;

describe('the bundled server', () => {
  let database: TestDatabase;
  let server: ServerProcess;

  beforeAll(async () => {
    database = await createTestDatabase();
    server = await ServerProcess.start({ DATABASE_URL: database.url });
  });

  afterAll(async () => {
    await server.stop();
    await database.drop();
  });

  it('is what is started', () => {
    const started = readFileSync(`/proc/${server.pid}/cmdline`, 'utf8');
    expect(started).toContain('dist/main.js');
    for (const flag of SERVER_FLAGS)
      for (const file of ['Dockerfile', 'src/cli/prepare.mjs'])
        expect(readFileSync(ROOT + file, 'utf8')).toContain(flag);
    expect(existsSync(`${BUNDLE}server.js`)).toBe(true);
  });

  it('describes itself as the sources do, and serves the pages beside it', async () => {
    const served: unknown = await (await fetch(`${server.url}/openapi.json`)).json();
    const documented = JSON.parse(readFileSync(`${ROOT}docs/openapi.json`, 'utf8')) as object;
    expect(served).toMatchObject({ ...documented, servers: expect.anything() });
    for (const path of ['/', '/desk', '/docs', '/vendor/preact.js'])
      expect([path, (await fetch(`${server.url}${path}`)).status]).toEqual([path, 200]);
  });

  it('says nothing on stderr but what it has to', () => {
    expect(server.output).not.toMatch(/Warning|deprecat/i);
  });

  it('has places that lead back to the sources', () => {
    const file = readdirSync(BUNDLE).find((name) => /^app\.setup-.*\.js$/.test(name)) ?? '';
    const lines = readFileSync(BUNDLE + file, 'utf8').split('\n');
    const line = lines.findIndex((text) => text.includes('class MessagesController'));
    const column = lines[line]?.indexOf('class MessagesController') ?? -1;
    const stack = `Error: what\n    at MessagesController (file:///srv/parley/dist/bundle/${file}:${line + 1}:${column + 1})`;
    const { stdout } = spawnSync(process.execPath, ['src/cli/where.mjs'], {
      cwd: ROOT,
      input: stack,
      encoding: 'utf8',
    });
    expect(stdout).toMatch(
      /^Error: what\n {4}at MessagesController \(src\/messages\/messages\.controller\.ts:\d+:\d+\)$/m,
    );
  });
});
