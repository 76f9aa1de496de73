import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { keptSecret } from '../../config/kept-secret.js';
import { StartError } from '../start-error.js';
import { freePort } from './free-port.js';
import { placeDatabase, type Placement } from './placement.js';
import { PostgresCluster } from './postgres-cluster.js';
import { isAlive, type Postmaster } from './postmaster-file.js';

export const EMBEDDED_DATABASE = 'parley';

/** Held, on the embedded server itself, by the one process that the data folder belongs to. */
const OWNER_LOCK = 7_275_392;

/** How long a start goes on trying while another server leaves or a crashed one's last processes end. */
const PATIENCE_MS = 45_000;

/** A connection that ended because the server is not up yet or is leaving: worth another try. */
const PASSING_CODES = new Set(['57P01', '57P03', 'ECONNREFUSED', 'ECONNRESET', 'EPIPE']);

type Report = (line: string) => void;

/** The PostgreSQL of one data folder, run by this process, and brought back should it end before us. */
export class EmbeddedPostgres {
  private owner: pg.Client | null = null;
  private postmaster: Postmaster | null = null;
  private stopping = false;
  private recovery: Promise<void> | null = null;
  private readonly lastResort = () => this.signalPostmaster();

  private constructor(
    private readonly dataFolder: string,
    private readonly cluster: PostgresCluster,
    private readonly report: Report,
  ) {}

  /** Starts the database of `dataFolder`, or takes over the one that a killed server left. @throws StartError */
  static async start(dataFolder: string, report: Report): Promise<EmbeddedPostgres> {
    const placement = placeDatabase(dataFolder);
    const { account, binaries, dataDir, staged } = placement;
    const cluster = new PostgresCluster({
      dataDir,
      logFile: join(dataFolder, 'postgres.log'),
      binaries,
      account,
      password: keptSecret(dataFolder, 'postgres-password'),
    });
    if (!cluster.exists) {
      report(`Creating the database in ${dataDir} …`);
      cluster.initialise();
    }
    if (account && staged)
      report(`PostgreSQL runs as ${account.name}, who cannot enter ${dataFolder}: its data is in ${dataDir}`);
    checkVersion(placement);
    const server = new EmbeddedPostgres(dataFolder, cluster, report);
    process.on('exit', server.lastResort);
    try {
      await server.acquire();
      await server.createDatabase();
    } catch (error) {
      await server.stop();
      throw error;
    }
    return server;
  }

  get url(): string {
    return this.cluster.url(this.port, EMBEDDED_DATABASE);
  }

  /** Cuts what is still connected and waits until everything is on disk and the server is gone. */
  async stop(): Promise<void> {
    this.stopping = true;
    process.removeListener('exit', this.lastResort);
    await this.recovery;
    await this.owner?.end().catch(() => undefined);
    // Without an owner it is not ours: another process has it.
    if (this.owner && this.postmaster) await this.cluster.stop(this.postmaster);
    this.owner = null;
  }

  private get port(): number {
    if (!this.postmaster) throw new Error('The embedded database is not running.');
    return this.postmaster.port;
  }

  /** Gets the server to run and the folder to be ours. */
  private async acquire(): Promise<void> {
    const deadline = Date.now() + PATIENCE_MS;
    for (;;) {
      try {
        const postmaster = this.cluster.running();
        if (postmaster) await this.adopt(postmaster);
        else await this.launch();
        return;
      } catch (error) {
        if (Date.now() > deadline || this.stopping || !isPassing(error)) throw error;
        await delay(200);
      }
    }
  }

  private async launch(): Promise<void> {
    // Once we run, the connection pool knows the port: it cannot be another one.
    const port = this.postmaster?.port ?? (await freePort(this.rememberedPort()));
    try {
      const postmaster = await this.cluster.start(port);
      await this.own(postmaster);
    } catch (error) {
      if (!(error instanceof StartError)) throw error;
      const { message } = error;
      // Between looking and starting, somebody took the port, or another server of ours the folder.
      if (/could not bind|Address already in use|create any TCP\/IP sockets/.test(message)) this.forgetPort();
      else if (/lock file .* already exists/.test(message) && !this.cluster.running()) this.cluster.removeStaleLock();
      else if (!/lock file .* already exists|pre-existing shared memory block/.test(message)) throw error;
      throw new PassingError(message);
    }
  }

  private async adopt(postmaster: Postmaster): Promise<void> {
    const ready = await this.cluster.waitFor(postmaster.port, () => !isAlive(postmaster.pid));
    if (!ready) throw new PassingError(`PostgreSQL (pid ${postmaster.pid}) does not answer`);
    const isFirst = this.postmaster === null;
    await this.own(postmaster);
    if (isFirst) this.report(`Took over PostgreSQL (pid ${postmaster.pid}), which an earlier server had left running`);
  }

  /** Takes the owner's lock on a connection that lasts as long as we do: the kernel gives it back however we end. */
  private async own(postmaster: Postmaster): Promise<void> {
    const client = new pg.Client({
      connectionString: this.cluster.url(postmaster.port),
      application_name: `parley owner ${process.pid}`,
      keepAlive: true,
    });
    client.on('error', () => undefined);
    await client.connect();
    try {
      await takeOwnerLock(client, this.dataFolder);
    } catch (error) {
      await client.end();
      throw error;
    }
    this.postmaster = postmaster;
    this.owner = client;
    writeFileSync(this.portFile, `${postmaster.port}\n`, { mode: 0o600 });
    client.once('end', () => {
      if (!this.stopping) this.recovery = this.recover();
    });
  }

  /** Brings the server back on the same port, where the connection pool looks for it. */
  private async recover(): Promise<void> {
    this.report('PostgreSQL has ended; starting it again …');
    for (let attempt = 1; !this.stopping; attempt += 1) {
      try {
        await this.acquire();
        this.report('PostgreSQL runs again');
        return;
      } catch (error) {
        if (attempt === 1) this.report(`PostgreSQL does not come back: ${(error as Error).message}; trying on`);
        await delay(1_000);
      }
    }
  }

  private async createDatabase(): Promise<void> {
    const found = await this.owner?.query('SELECT 1 FROM pg_database WHERE datname = $1', [EMBEDDED_DATABASE]);
    if (found?.rowCount === 0) await this.owner?.query(`CREATE DATABASE ${EMBEDDED_DATABASE}`);
  }

  private get portFile(): string {
    return join(this.dataFolder, 'postgres-port');
  }

  private rememberedPort(): number | undefined {
    return existsSync(this.portFile) ? Number(readFileSync(this.portFile, 'utf8')) || undefined : undefined;
  }

  private forgetPort(): void {
    rmSync(this.portFile, { force: true });
  }

  /** When the process ends without having waited for `stop`. */
  private signalPostmaster(): void {
    if (!this.owner || !this.postmaster) return;
    try {
      process.kill(this.postmaster.pid, 'SIGINT');
    } catch {
      // It is gone already.
    }
  }
}

class PassingError extends StartError {}

function isPassing(error: unknown): boolean {
  return error instanceof PassingError || PASSING_CODES.has((error as { code?: string }).code ?? '') || isCut(error);
}

function isCut(error: unknown): boolean {
  return error instanceof Error && error.message === 'Connection terminated unexpectedly';
}

async function takeOwnerLock(client: pg.Client, dataFolder: string): Promise<void> {
  // The connection of a killed owner may need a moment to be noticed.
  for (let attempt = 1; attempt <= 10; attempt += 1) {
    const { rows } = await client.query<{ taken: boolean }>('SELECT pg_try_advisory_lock($1) AS taken', [OWNER_LOCK]);
    if (rows[0]?.taken) return;
    await delay(100);
  }
  const { rows } = await client.query<{ application_name: string }>(
    `SELECT application_name FROM pg_locks JOIN pg_stat_activity USING (pid)
     WHERE locktype = 'advisory' AND objid = $1 AND granted`,
    [OWNER_LOCK],
  );
  const pid = rows[0]?.application_name.match(/\d+$/)?.[0];
  throw new StartError(`another server${pid ? ` (pid ${pid})` : ''} already runs on the data folder ${dataFolder}`);
}

/** A data folder only fits the major version that made it. */
function checkVersion({ dataDir, binaries }: Placement): void {
  const made = readFileSync(join(dataDir, 'PG_VERSION'), 'utf8').trim();
  const ours = binaries.version.split('.')[0];
  if (made !== ours)
    throw new StartError(
      `the database in ${dataDir} was made by PostgreSQL ${made}, this release brings ${ours}: dump and restore it`,
    );
}
