import { spawn, spawnSync } from 'node:child_process';
import {
  chownSync,
  closeSync,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { StartError } from '../start-error.js';
import type { PostgresBinaries } from './postgres-binaries.js';
import { isAlive, runningPostmaster, type Postmaster } from './postmaster-file.js';
import type { ServiceAccount } from './service-account.js';

export interface ClusterOptions {
  /** PostgreSQL's data folder; its parent exists and `account` can reach it. */
  readonly dataDir: string;
  /** Where its messages go. */
  readonly logFile: string;
  readonly binaries: PostgresBinaries;
  readonly account: ServiceAccount | null;
  readonly password: string;
  /** Further `name=value` settings. */
  readonly settings?: readonly string[];
}

export const CLUSTER_USER = 'parley';

/** How long PostgreSQL may take to start; after a crash it replays its log first. */
const START_TIMEOUT_MS = 120_000;
const STOP_TIMEOUT_MS = 20_000;
/** Refused logins, 20 ms apart, until the kept password counts as wrong. */
const MAX_REFUSALS = 50;
/** What /usr/bin/locale calls UTF-8 for every language, newest name first. */
const LOCALES = ['C.UTF-8', 'C.utf8', 'en_US.UTF-8'];

/** Reachable from this machine only; its log tells of the server, never of statements that failed with people's data in them. */
const SETTINGS = [
  'listen_addresses=127.0.0.1',
  'unix_socket_directories=',
  'timezone=UTC',
  'log_timezone=UTC',
  'log_min_messages=log',
  'log_checkpoints=off',
];
/** The log of the last starts is kept once it is this large, in bytes. */
const LOG_LIMIT = 5 * 1024 * 1024;

/** One PostgreSQL data folder and the server on it: loopback only, one login with a password. */
export class PostgresCluster {
  constructor(private readonly options: ClusterOptions) {}

  url(port: number, database = 'postgres'): string {
    return `postgresql://${CLUSTER_USER}:${encodeURIComponent(this.options.password)}@127.0.0.1:${port}/${database}`;
  }

  get exists(): boolean {
    return existsSync(join(this.options.dataDir, 'PG_VERSION'));
  }

  /** The server that runs on this folder now, whoever started it. */
  running(): Postmaster | null {
    return runningPostmaster(this.options.dataDir);
  }

  /** Removes what an ended server left, once it is known that nobody runs on this folder. */
  removeStaleLock(): void {
    rmSync(join(this.options.dataDir, 'postmaster.pid'), { force: true });
  }

  /** Creates the data folder; one that another process makes at the same time is as good. */
  initialise(): void {
    const { dataDir, binaries, account, password } = this.options;
    const unfinished = `${dataDir}.new-${process.pid}`;
    const passwordFile = `${unfinished}.password`;
    rmSync(unfinished, { recursive: true, force: true });
    mkdirSync(unfinished, { recursive: true, mode: 0o700 });
    writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
    if (account) {
      chownSync(unfinished, account.uid, account.gid);
      chownSync(passwordFile, account.uid, account.gid);
    }
    try {
      const failures: string[] = [];
      const done = [...LOCALES, 'C'].some((locale) => {
        const result = spawnSync(
          join(binaries.home, 'bin', 'initdb'),
          [
            `--pgdata=${unfinished}`,
            `--username=${CLUSTER_USER}`,
            `--pwfile=${passwordFile}`,
            '--auth=scram-sha-256',
            '--encoding=UTF8',
            `--locale=${locale}`,
          ],
          { encoding: 'utf8', cwd: dirname(dataDir), env: environment(), ...identity(account) },
        );
        failures.push(result.error?.message ?? result.stderr.trim());
        return result.status === 0;
      });
      if (!done) throw new StartError(`cannot create a database in ${dataDir}: ${lastLine(failures[0] ?? '')}`);
      if (!this.exists) renameSync(unfinished, dataDir);
    } catch (error) {
      if (!this.exists) throw error;
    } finally {
      rmSync(passwordFile, { force: true });
      rmSync(unfinished, { recursive: true, force: true });
    }
  }

  /** Starts a server on `port` and waits until it takes connections. @throws StartError with its last words */
  async start(port: number): Promise<Postmaster> {
    const { dataDir, logFile, binaries, account, settings = [] } = this.options;
    if (existsSync(logFile) && statSync(logFile).size > LOG_LIMIT) renameSync(logFile, `${logFile}.1`);
    const log = openSync(logFile, 'a', 0o600);
    const begin = fstatSync(log).size;
    const child = spawn(
      join(binaries.home, 'bin', 'postgres'),
      [...['-D', dataDir, '-p', String(port)], ...[...SETTINGS, ...settings].flatMap((setting) => ['-c', setting])],
      // Its own process group: a Ctrl-C in the terminal is for us, the database stops when we have finished with it.
      { cwd: dirname(dataDir), detached: true, stdio: ['ignore', log, log], env: environment(), ...identity(account) },
    );
    closeSync(log);
    child.unref();
    let spawnError: Error | null = null;
    child.on('error', (error) => (spawnError = error));
    const hasEnded = () => spawnError !== null || child.exitCode !== null || child.signalCode !== null;
    const interrupted = () => child.kill('SIGINT');
    process.once('exit', interrupted);
    try {
      if ((await this.waitFor(port, hasEnded)) && child.pid !== undefined) return { pid: child.pid, port };
    } finally {
      process.removeListener('exit', interrupted);
    }
    const cause = hasEnded() ? causeOf(readFileSync(logFile).subarray(begin).toString()) : 'it takes too long';
    throw new StartError(`PostgreSQL does not start: ${errorText(spawnError) ?? cause} (see ${logFile})`);
  }

  /** Waits until connections are taken on `port`; false when `isHopeless` or it takes too long. */
  async waitFor(port: number, isHopeless: () => boolean): Promise<boolean> {
    const deadline = Date.now() + START_TIMEOUT_MS;
    let refusals = 0;
    while (Date.now() < deadline) {
      const client = new pg.Client({ connectionString: this.url(port), connectionTimeoutMillis: 5_000 });
      client.on('error', () => undefined);
      try {
        await client.connect();
        await client.end();
        return true;
      } catch (error) {
        await client.end().catch(() => undefined);
        // The first ones may come from another server on that port, while ours is about to end because of it.
        if ((error as { code?: string }).code === '28P01' && ++refusals > MAX_REFUSALS)
          throw new StartError(`PostgreSQL in ${this.options.dataDir} refuses the kept password: bring its file back`);
      }
      if (isHopeless()) return false;
      await delay(20);
    }
    return false;
  }

  /** Ends the server: connections are cut, everything committed is on disk. */
  async stop({ pid }: Postmaster): Promise<void> {
    for (const signal of ['SIGINT', 'SIGQUIT', 'SIGKILL'] as const) {
      try {
        process.kill(pid, signal);
      } catch {
        return;
      }
      const deadline = Date.now() + STOP_TIMEOUT_MS;
      while (Date.now() < deadline) {
        if (!isAlive(pid)) return;
        await delay(20);
      }
    }
  }
}

function identity(account: ServiceAccount | null): { uid?: number; gid?: number } {
  return account ? { uid: account.uid, gid: account.gid } : {};
}

/** Nothing of ours reaches the database server: its settings (PGPORT, PGDATA …) and our secrets stay out. */
function environment(): NodeJS.ProcessEnv {
  return { PATH: process.env['PATH'], TZ: 'UTC', LC_MESSAGES: 'C' };
}

const errorText = (error: Error | null): string | undefined => error?.message;

/** What PostgreSQL says it ended for, without the time and the hints. */
function causeOf(log: string): string {
  const cause = log.split('\n').findLast((line) => /(FATAL|PANIC|ERROR): /.test(line));
  return cause ? cause.replace(/^.*(FATAL|PANIC|ERROR):\s*/, '') : lastLine(log);
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1)?.trim() ?? '';
}
