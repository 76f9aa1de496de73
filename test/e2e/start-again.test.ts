import { afterEach, describe, expect, it } from '@jest/globals';
import { spawn as childProcess } from 'node:child_process';
import { chownSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isAlive } from '../../src/prisma/embedded/postmaster-file.js';
import { OwnServers, call, databaseFolder, postmasterPid } from '../support/own-servers.js';

const PERSON = { email: 'first@example.com', password: 'correct horse battery' };

describe('a server with its own database that starts again', () => {
  const servers = new OwnServers();
  const { usedFolder, spawn, start, listenOn } = servers;

  afterEach(() => servers.clean());

  it('has everything again after a restart', async () => {
    const folder = await usedFolder();
    const first = await start({ DATA_DIR: folder });
    expect(await call(first, '/auth/register', PERSON)).toBe(201);
    await first.stop();
    const second = await start({ DATA_DIR: folder });
    expect(await call(second, '/auth/login', PERSON)).toBe(200);
  });

  it('takes over the database that a killed server left running, and ends it', async () => {
    const folder = await usedFolder();
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
    const folder = await usedFolder();
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
    const folder = await usedFolder();
    await (await start({ DATA_DIR: folder })).stop();
    const { uid, gid } = statSync(databaseFolder(folder));
    const stranger = childProcess('sleep', ['600'], { uid, gid });
    servers.closers.push(() => void stranger.kill());
    const file = join(databaseFolder(folder), 'postmaster.pid');
    const port = readFileSync(join(folder, 'postgres-port'), 'utf8').trim();
    const lines = [stranger.pid, databaseFolder(folder), 1, port, '', '127.0.0.1', '', 'ready'];
    writeFileSync(file, lines.join('\n'), { mode: 0o600 });
    chownSync(file, uid, gid);
    const server = await start({ DATA_DIR: folder });
    expect(await call(server, '/health/ready')).toBe(200);
  });

  it('moves its database to another port when somebody took the one of last time', async () => {
    const folder = await usedFolder();
    await (await start({ DATA_DIR: folder })).stop();
    const port = Number(readFileSync(join(folder, 'postgres-port'), 'utf8'));
    await listenOn(port);
    const server = await start({ DATA_DIR: folder });
    expect(await call(server, '/health/ready')).toBe(200);
    expect(Number(readFileSync(join(folder, 'postgres-port'), 'utf8'))).not.toBe(port);
  });

  it('is refused a folder that another server runs on, which goes on', async () => {
    const folder = await usedFolder();
    const first = await start({ DATA_DIR: folder });
    const second = spawn({ DATA_DIR: folder });
    expect(await second.exit).toEqual({ code: 1, signal: null });
    expect(second.output).toBe(
      `Cannot start: another server (pid ${first.pid}) already runs on the data folder ${folder}\n`,
    );
    expect(await call(first, '/health/ready')).toBe(200);
  });

  it('brings its database back when that one is killed under it', async () => {
    const folder = await usedFolder();
    const server = await start({ DATA_DIR: folder });
    expect(await call(server, '/auth/register', PERSON)).toBe(201);
    process.kill(postmasterPid(folder) ?? 0, 'SIGKILL');
    await server.waitFor(/PostgreSQL runs again/);
    expect(await call(server, '/auth/login', PERSON)).toBe(200);
    expect(await server.stop()).toEqual({ code: 0, signal: null });
    expect(postmasterPid(folder)).toBeNull();
  });
});
