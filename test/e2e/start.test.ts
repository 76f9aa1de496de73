import { afterEach, describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { chmodSync, readFileSync, statSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import pg from 'pg';
import { isAlive } from '../../src/prisma/embedded/postmaster-file.js';
import { postgresUrl } from '../support/database.js';
import { OwnServers, call, databaseFolder, postmasterPid } from '../support/own-servers.js';
import { READY } from '../support/server-process.js';

const PERSON = { email: 'first@example.com', password: 'correct horse battery' };

describe('the start of the server', () => {
  const servers = new OwnServers();
  const { newFolder, usedFolder, spawn, launch, start, listenOn } = servers;

  afterEach(() => servers.clean());

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
      const folder = newFolder();
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
      const folder = await usedFolder();
      await (await start({ DATA_DIR: folder })).stop();
      expect(statSync(join(folder, 'postgres-password')).mode & 0o077).toBe(0);
      expect(statSync(databaseFolder(folder)).mode & 0o077).toBe(0);
    });

    it("keeps people's data out of the log of its database", async () => {
      const folder = await usedFolder();
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

    it('lets one of two win that start at once on a new folder', async () => {
      const folder = newFolder();
      const both = [spawn({ DATA_DIR: folder }), spawn({ DATA_DIR: folder })];
      const loser = await Promise.race(both.map(async (server) => (await server.exit, server)));
      expect(loser.output).toMatch(/^Cannot start: another server \(pid \d+\) already runs/m);
      const winner = both.find((server) => server !== loser);
      await winner?.waitFor(READY);
      expect(winner && (await call(winner, '/health/ready'))).toBe(200);
    });

    it('finds a place for the database when its account cannot enter the folder', async () => {
      const folder = newFolder();
      chmodSync(folder, 0o700);
      const first = await start({ DATA_DIR: folder });
      expect(await call(first, '/auth/register', PERSON)).toBe(201);
      if (process.getuid?.() === 0) expect(first.output).toContain(`its data is in ${databaseFolder(folder)}`);
      await first.stop();
      const second = await start({ DATA_DIR: folder });
      expect(await call(second, '/auth/login', PERSON)).toBe(200);
    });

    it('ends when it may not begin: SIGTERM during the start leaves nothing', async () => {
      const folder = newFolder();
      const server = spawn({ DATA_DIR: folder });
      await server.waitFor(/Creating the database/);
      expect(await server.stop()).toEqual({ code: 0, signal: null });
      const again = await start({ DATA_DIR: folder });
      expect(await call(again, '/health/ready')).toBe(200);
    });
  });

  describe('through the launcher', () => {
    it('ends cleanly when the whole process group gets the signal', async () => {
      const folder = await usedFolder();
      const server = launch({ DATA_DIR: folder });
      await server.waitFor(READY);
      const pid = postmasterPid(folder) ?? 0;
      server.signalGroup('SIGTERM');
      expect(await server.exit).toEqual({ code: 0, signal: null });
      expect(isAlive(pid)).toBe(false);
    });

    it('passes a signal of its own and the exit code on', async () => {
      const folder = await usedFolder();
      const server = launch({ DATA_DIR: folder });
      await server.waitFor(READY);
      const { url } = server;
      expect(await server.stop()).toEqual({ code: 0, signal: null });
      await expect(fetch(url)).rejects.toThrow('fetch failed');
      const refused = launch({ PORT: 'x' });
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
      const folder = await usedFolder();
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
      servers.closers.push(async () => void (await administer(`DROP ROLE ${user}`)));
      const server = spawn({ DATABASE_URL: database('absent', { user, password: 'secret-canary' }) });
      expect((await server.exit).code).toBe(1);
      expect(server.output).toMatch(new RegExp(`no database absent at .*, and ${user} may not create it`));
    });
  });

  describe('with DATABASE_URL', () => {
    it('creates the database that is missing, also when three nodes start at once', async () => {
      const name = `made_${randomBytes(4).toString('hex')}`;
      servers.closers.push(async () => void (await administer(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)));
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
