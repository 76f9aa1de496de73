import { afterEach, describe, expect, it } from '@jest/globals';
import { spawn as childProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, chownSync, existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { isAlive, runningPostmaster } from '../../src/prisma/embedded/postmaster-file.js';
import { postgresUrl, temporaryFolder } from '../support/database.js';
import { READY, ServerProcess } from '../support/server-process.js';

const LAUNCHER = fileURLToPath(new URL('../../src/cli/start.mjs', import.meta.url));
const PERSON = { email: 'first@example.com', password: 'correct horse battery' };

describe('the start of the server', () => {
  const servers: ServerProcess[] = [];
  const dataFolders: string[] = [];
  const closers: (() => Promise<void> | void)[] = [];

  afterEach(async () => {
    for (const server of servers.splice(0)) {
      server.signal('SIGKILL');
      await server.exit;
    }
    for (const folder of dataFolders.splice(0)) {
      const left = runningPostmaster(databaseFolder(folder));
      if (left) process.kill(left.pid, 'SIGKILL');
      const place = databaseFolder(folder);
      if (!place.startsWith(folder)) rmSync(join(place, '..'), { recursive: true, force: true });
    }
    for (const close of closers.splice(0).reverse()) await close();
  });

  function dataFolder(): string {
    const folder = temporaryFolder();
    chmodSync(folder, 0o755);
    dataFolders.push(folder);
    return folder;
  }

  function keep(server: ServerProcess): ServerProcess {
    servers.push(server);
    return server;
  }

  const spawn = (env: Record<string, string>) => keep(ServerProcess.spawn(env));

  async function start(env: Record<string, string>): Promise<ServerProcess> {
    const server = spawn(env);
    await server.waitFor(READY);
    return server;
  }

  async function call(server: ServerProcess, path: string, body?: unknown): Promise<number> {
    const response = await fetch(server.url + path, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    await response.arrayBuffer();
    return response.status;
  }

  async function listenOn(port: number): Promise<Server> {
    const server = createServer().listen(port, '127.0.0.1');
    await once(server, 'listening');
    closers.push(() => void server.close());
    return server;
  }

  async function administer(sql: string): Promise<pg.QueryResult> {
    const client = new pg.Client({ connectionString: postgresUrl() });
    await client.connect();
    try {
      return await client.query(sql);
    } finally {
      await client.end();
    }
  }

  function database(name: string, login?: { user: string; password: string }): string {
    const url = new URL(postgresUrl());
    url.pathname = `/${name}`;
    if (login) Object.assign(url, { username: login.user, password: login.password });
    return url.href;
  }

  describe('with its own database', () => {
    it('needs nothing but a folder, says where to look, and leaves nothing running', async () => {
      const folder = dataFolder();
      const server = await start({ DATA_DIR: folder });
      expect(server.output).toMatch(/listening on http:\/\/localhost:\d+\n/);
      expect(server.output).toMatch(/API {2,}http:\/\/localhost:\d+\/docs\n/);
      expect(server.output).toMatch(/Model {2,}echo/);
      expect(server.output).toContain(folder);
      expect(await call(server, '/health/ready')).toBe(200);
      const pid = postmasterPid(folder) ?? 0;
      expect(isAlive(pid)).toBe(true);
      expect(await server.stop()).toEqual({ code: 0, signal: null });
      expect(isAlive(pid)).toBe(false);
    });

    it('keeps its password and its data from others on the machine', async () => {
      const folder = dataFolder();
      await (await start({ DATA_DIR: folder })).stop();
      expect(statSync(join(folder, 'postgres-password')).mode & 0o077).toBe(0);
      expect(statSync(databaseFolder(folder)).mode & 0o077).toBe(0);
    });

    it("keeps people's data out of the log of its database", async () => {
      const folder = dataFolder();
      const server = await start({ DATA_DIR: folder });
      const [password, port] = ['postgres-password', 'postgres-port'].map((name) =>
        readFileSync(join(folder, name), 'utf8').trim(),
      );
      const client = new pg.Client(`postgresql://parley:${password}@127.0.0.1:${port}/parley`);
      await client.connect();
      await expect(client.query(`SELECT 'said-in-private'::int`)).rejects.toThrow('said-in-private');
      await client.end();
      await server.stop();
      const log = readFileSync(join(folder, 'postgres.log'), 'utf8');
      expect(log).toContain('database system is ready');
      expect(log).not.toContain('said-in-private');
    });

    it('has everything again after a restart', async () => {
      const folder = dataFolder();
      const first = await start({ DATA_DIR: folder });
      expect(await call(first, '/auth/register', PERSON)).toBe(201);
      await first.stop();
      const second = await start({ DATA_DIR: folder });
      expect(await call(second, '/auth/login', PERSON)).toBe(200);
    });

    it('takes over the database that a killed server left running, and ends it', async () => {
      const folder = dataFolder();
      const first = await start({ DATA_DIR: folder });
      expect(await call(first, '/auth/register', PERSON)).toBe(201);
      const pid = postmasterPid(folder) ?? 0;
      first.signal('SIGKILL');
      await first.exit;
      expect(isAlive(pid)).toBe(true);
      const second = await start({ DATA_DIR: folder });
      expect(second.output).toContain(`Took over PostgreSQL (pid ${pid})`);
      expect(await call(second, '/auth/login', PERSON)).toBe(200);
      expect(await second.stop()).toEqual({ code: 0, signal: null });
      expect(isAlive(pid)).toBe(false);
    });

    it('has everything again after server and database were killed', async () => {
      const folder = dataFolder();
      const first = await start({ DATA_DIR: folder });
      expect(await call(first, '/auth/register', PERSON)).toBe(201);
      first.signal('SIGKILL');
      process.kill(postmasterPid(folder) ?? 0, 'SIGKILL');
      await first.exit;
      expect(existsSync(join(databaseFolder(folder), 'postmaster.pid'))).toBe(true);
      const second = await start({ DATA_DIR: folder });
      expect(await call(second, '/auth/login', PERSON)).toBe(200);
    });

    it('is not misled by a stale pid that belongs to somebody else by now', async () => {
      const folder = dataFolder();
      await (await start({ DATA_DIR: folder })).stop();
      const { uid, gid } = statSync(databaseFolder(folder));
      const stranger = childProcess('sleep', ['600'], { uid, gid });
      closers.push(() => void stranger.kill());
      const file = join(databaseFolder(folder), 'postmaster.pid');
      const port = readFileSync(join(folder, 'postgres-port'), 'utf8').trim();
      const lines = [stranger.pid, databaseFolder(folder), 1, port, '', '127.0.0.1', '', 'ready'];
      writeFileSync(file, lines.join('\n'), { mode: 0o600 });
      chownSync(file, uid, gid);
      const server = await start({ DATA_DIR: folder });
      expect(await call(server, '/health/ready')).toBe(200);
    });

    it('moves its database to another port when somebody took the one of last time', async () => {
      const folder = dataFolder();
      await (await start({ DATA_DIR: folder })).stop();
      const port = Number(readFileSync(join(folder, 'postgres-port'), 'utf8'));
      await listenOn(port);
      const server = await start({ DATA_DIR: folder });
      expect(await call(server, '/health/ready')).toBe(200);
      expect(Number(readFileSync(join(folder, 'postgres-port'), 'utf8'))).not.toBe(port);
    });

    it('is refused a folder that another server runs on, which goes on', async () => {
      const folder = dataFolder();
      const first = await start({ DATA_DIR: folder });
      const second = spawn({ DATA_DIR: folder });
      expect(await second.exit).toEqual({ code: 1, signal: null });
      expect(second.output).toBe(
        `Cannot start: another server (pid ${first.pid}) already runs on the data folder ${folder}\n`,
      );
      expect(await call(first, '/health/ready')).toBe(200);
    });

    it('lets one of two win that start at once on a new folder', async () => {
      const folder = dataFolder();
      const both = [spawn({ DATA_DIR: folder }), spawn({ DATA_DIR: folder })];
      const loser = await Promise.race(both.map(async (server) => (await server.exit, server)));
      expect(loser.output).toMatch(/^Cannot start: another server \(pid \d+\) already runs/m);
      const winner = both.find((server) => server !== loser);
      await winner?.waitFor(READY);
      expect(winner && (await call(winner, '/health/ready'))).toBe(200);
    });

    it('brings its database back when that one is killed under it', async () => {
      const folder = dataFolder();
      const server = await start({ DATA_DIR: folder });
      expect(await call(server, '/auth/register', PERSON)).toBe(201);
      process.kill(postmasterPid(folder) ?? 0, 'SIGKILL');
      await server.waitFor(/PostgreSQL runs again/);
      expect(await call(server, '/auth/login', PERSON)).toBe(200);
      expect(await server.stop()).toEqual({ code: 0, signal: null });
      expect(postmasterPid(folder)).toBeNull();
    });

    it('finds a place for the database when its account cannot enter the folder', async () => {
      const folder = dataFolder();
      chmodSync(folder, 0o700);
      const first = await start({ DATA_DIR: folder });
      expect(await call(first, '/auth/register', PERSON)).toBe(201);
      if (process.getuid?.() === 0) expect(first.output).toContain(`its data is in ${databaseFolder(folder)}`);
      await first.stop();
      const second = await start({ DATA_DIR: folder });
      expect(await call(second, '/auth/login', PERSON)).toBe(200);
    });

    it('ends when it may not begin: SIGTERM during the start leaves nothing', async () => {
      const folder = dataFolder();
      const server = spawn({ DATA_DIR: folder });
      await server.waitFor(/Creating the database/);
      expect(await server.stop()).toEqual({ code: 0, signal: null });
      const again = await start({ DATA_DIR: folder });
      expect(await call(again, '/health/ready')).toBe(200);
    });
  });

  describe('through the launcher', () => {
    it('ends cleanly when the whole process group gets the signal', async () => {
      const folder = dataFolder();
      const server = keep(ServerProcess.spawn({ DATA_DIR: folder }, [LAUNCHER]));
      await server.waitFor(READY);
      const pid = postmasterPid(folder) ?? 0;
      server.signalGroup('SIGTERM');
      expect(await server.exit).toEqual({ code: 0, signal: null });
      expect(isAlive(pid)).toBe(false);
    });

    it('passes a signal of its own and the exit code on', async () => {
      const folder = dataFolder();
      const server = keep(ServerProcess.spawn({ DATA_DIR: folder }, [LAUNCHER]));
      await server.waitFor(READY);
      const { url } = server;
      expect(await server.stop()).toEqual({ code: 0, signal: null });
      await expect(fetch(url)).rejects.toThrow('fetch failed');
      const refused = keep(ServerProcess.spawn({ PORT: 'x' }, [LAUNCHER]));
      expect((await refused.exit).code).toBe(78);
    });
  });

  describe('that cannot succeed', () => {
    it('lists every mistake of the configuration and exits with 78', async () => {
      const server = spawn({ PORT: 'eighty', LOG_LEVEL: 'loud', DATABASE_URL: 'mysql://x', NODE_ENV: 'production' });
      expect(await server.exit).toEqual({ code: 78, signal: null });
      const lines = server.output.trim().split('\n');
      expect(lines.map((line) => line.split(' ')[0]).sort()).toEqual(
        ['DATABASE_URL', 'JWT_SECRET', 'LOG_LEVEL', 'PORT'].sort(),
      );
    });

    it('says in one line that the data folder cannot be made', async () => {
      const server = spawn({ DATA_DIR: '/dev/null/data' });
      expect(await server.exit).toEqual({ code: 1, signal: null });
      expect(server.output).toMatch(/^Cannot start: ENOTDIR: .*'\/dev\/null\/data'\n$/);
    });

    it('says that the port is taken, and ends its database', async () => {
      const taken = await listenOn(0);
      const { port } = taken.address() as AddressInfo;
      const folder = dataFolder();
      const server = spawn({ DATA_DIR: folder, PORT: String(port) });
      expect(await server.exit).toEqual({ code: 1, signal: null });
      expect(server.output).toContain(`Cannot start: port ${port} of 127.0.0.1 is taken`);
      expect(postmasterPid(folder)).toBeNull();
    });

    it.each([
      ['nobody listens', () => 'postgresql://u:secret-canary@127.0.0.1:9/x', /127\.0\.0\.1:9 cannot be reached/],
      [
        'the password is wrong',
        () => database('x', { user: 'parley', password: 'secret-canary' }),
        /refuses the login of parley/,
      ],
      [
        'the host is unknown',
        () => 'postgresql://u:secret-canary@nowhere.invalid/x',
        /nowhere\.invalid:5432 cannot be reached/,
      ],
    ])('says within 5 s in one line, without the password, that %s', async (_why, url, reason) => {
      const begin = Date.now();
      const server = spawn({ DATABASE_URL: url() });
      expect((await server.exit).code).toBe(1);
      expect(Date.now() - begin).toBeLessThan(5_000);
      expect(server.output).toMatch(reason);
      expect(server.output.trim().split('\n')).toHaveLength(1);
      expect(server.output).not.toContain('secret-canary');
    });

    it('says that the database is missing and may not be created', async () => {
      const user = `limited_${randomBytes(4).toString('hex')}`;
      await administer(`CREATE ROLE ${user} LOGIN PASSWORD 'secret-canary'`);
      closers.push(async () => void (await administer(`DROP ROLE ${user}`)));
      const server = spawn({ DATABASE_URL: database('absent', { user, password: 'secret-canary' }) });
      expect((await server.exit).code).toBe(1);
      expect(server.output).toMatch(new RegExp(`no database absent at .*, and ${user} may not create it`));
    });
  });

  describe('with DATABASE_URL', () => {
    it('creates the database that is missing, also when three nodes start at once', async () => {
      const name = `made_${randomBytes(4).toString('hex')}`;
      closers.push(async () => void (await administer(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)));
      const nodes = await Promise.all([1, 2, 3].map(() => start({ DATABASE_URL: database(name) })));
      for (const node of nodes) expect(await call(node, '/health/ready')).toBe(200);
      const announced = nodes.filter(({ output }) => /Applied \d+ migration/.test(output));
      expect(announced).toHaveLength(1);
      for (const node of nodes) {
        expect(node.output).not.toContain(new URL(postgresUrl()).password);
        expect(await node.stop()).toEqual({ code: 0, signal: null });
      }
    });
  });
});

/** PostgreSQL's data folder of this data folder. */
function databaseFolder(folder: string): string {
  const place = join(folder, 'postgres-place');
  return existsSync(place)
    ? join('/var/lib/parley', readFileSync(place, 'utf8').trim(), 'postgres')
    : join(folder, 'postgres');
}

function postmasterPid(folder: string): number | null {
  try {
    return Number(readFileSync(join(databaseFolder(folder), 'postmaster.pid'), 'utf8').split('\n')[0]);
  } catch {
    return null;
  }
}
