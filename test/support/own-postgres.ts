import { chownSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../../src/prisma/embedded/free-port.js';
import { reachableBinaries } from '../../src/prisma/embedded/placement.js';
import { PostgresCluster } from '../../src/prisma/embedded/postgres-cluster.js';
import type { Postmaster } from '../../src/prisma/embedded/postmaster-file.js';
import { serviceAccount } from '../../src/prisma/embedded/service-account.js';
import { eventually } from './eventually.js';

/** A durable PostgreSQL of a test's own, that can be taken away and brought back. */
export class OwnPostgres {
  private constructor(
    private readonly cluster: PostgresCluster,
    private readonly folder: string,
    private postmaster: Postmaster,
    private readonly port: number,
  ) {}

  static async start(): Promise<OwnPostgres> {
    const account = serviceAccount();
    const folder = mkdtempSync('/tmp/parley-own-');
    if (account) chownSync(folder, account.uid, account.gid);
    const cluster = new PostgresCluster({
      dataDir: join(folder, 'data'),
      logFile: join(folder, 'postgres.log'),
      binaries: reachableBinaries(account),
      account,
      password: 'of this test',
    });
    cluster.initialise();
    const port = await freePort();
    return new OwnPostgres(cluster, folder, await cluster.start(port), port);
  }

  get url(): string {
    return this.cluster.url(this.port, 'parley');
  }

  /** As `pg_ctl stop -m immediate`: no checkpoint, every connection cut. */
  async stopImmediately(): Promise<void> {
    const { pid } = this.postmaster;
    process.kill(pid, 'SIGQUIT');
    await eventually(() => this.cluster.running() === null, 20_000);
  }

  async startAgain(): Promise<void> {
    this.postmaster = await this.cluster.start(this.port);
  }

  async remove(): Promise<void> {
    await this.cluster.stop(this.postmaster);
    rmSync(this.folder, { recursive: true, force: true });
  }
}
