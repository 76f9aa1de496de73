import { chmodSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runningPostmaster } from '../../src/prisma/embedded/postmaster-file.js';
import { temporaryFolder } from './database.js';
import { READY, ServerProcess } from './server-process.js';

const LAUNCHER = fileURLToPath(new URL('../../src/cli/start.mjs', import.meta.url));

/** Servers that are started and ended by a test, with databases of their own. `clean` after each test leaves nothing of them. */
export class OwnServers {
  readonly closers: (() => Promise<void> | void)[] = [];
  private readonly servers: ServerProcess[] = [];
  private readonly folders: string[] = [];
  private made: string | null = null;

  /** A folder that nobody has used. */
  newFolder = (): string => {
    const folder = temporaryFolder();
    chmodSync(folder, 0o755);
    this.folders.push(folder);
    return folder;
  };

  /** A folder as a server leaves it that has run once; copied, because the first start is the longest. */
  usedFolder = async (): Promise<string> => {
    if (this.made === null) {
      const first = temporaryFolder();
      chmodSync(first, 0o755);
      const server = await this.start({ DATA_DIR: first });
      await server.stop();
      this.made = first;
    }
    const folder = this.newFolder();
    execFileSync('cp', ['-a', `${this.made}/.`, folder]);
    return folder;
  };

  spawn = (env: Record<string, string>): ServerProcess => this.keep(ServerProcess.spawn(env));

  /** As `npm start` does it. */
  launch = (env: Record<string, string>): ServerProcess => this.keep(ServerProcess.spawn(env, [LAUNCHER]));

  start = async (env: Record<string, string>): Promise<ServerProcess> => {
    const server = this.spawn(env);
    await server.waitFor(READY);
    return server;
  };

  listenOn = async (port: number): Promise<Server> => {
    const server = createServer().listen(port, '127.0.0.1');
    await once(server, 'listening');
    this.closers.push(() => void server.close());
    return server;
  };

  async clean(): Promise<void> {
    for (const server of this.servers.splice(0)) {
      server.signal('SIGKILL');
      await server.exit;
    }
    for (const folder of this.folders.splice(0)) {
      const place = databaseFolder(folder);
      const left = runningPostmaster(place);
      if (left) process.kill(left.pid, 'SIGKILL');
      if (!place.startsWith(folder)) rmSync(join(place, '..'), { recursive: true, force: true });
    }
    for (const close of this.closers.splice(0).reverse()) await close();
  }

  private keep(server: ServerProcess): ServerProcess {
    this.servers.push(server);
    return server;
  }
}

/** The status of a GET, or of a POST of `body`. */
export async function call(server: ServerProcess, path: string, body?: unknown): Promise<number> {
  const response = await fetch(server.url + path, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  await response.arrayBuffer();
  return response.status;
}

/** PostgreSQL's data folder of this data folder. */
export function databaseFolder(folder: string): string {
  const place = join(folder, 'postgres-place');
  return existsSync(place)
    ? join('/var/lib/parley', readFileSync(place, 'utf8').trim(), 'postgres')
    : join(folder, 'postgres');
}

export function postmasterPid(folder: string): number | null {
  try {
    return Number(readFileSync(join(databaseFolder(folder), 'postmaster.pid'), 'utf8').split('\n')[0]);
  } catch {
    return null;
  }
}
