import { chownSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { reachableBinaries } from './placement.js';
import { serviceAccount } from './service-account.js';
import { freePort } from './free-port.js';
import { PostgresCluster } from './postgres-cluster.js';

export interface ThrowawayCluster {
  /** The address of one of its databases, `postgres` unless named. */
  url(database?: string): string;
  /** Stops it and deletes everything. */
  stop(): Promise<void>;
}

/** A PostgreSQL in a temporary folder that prefers speed to durability: for tests and for the shadow database of `db:migration`. */
export async function startThrowawayCluster(): Promise<ThrowawayCluster> {
  const account = serviceAccount();
  // Not below TMPDIR as root: that may be a private folder.
  const folder = mkdtempSync(join(account ? '/tmp' : tmpdir(), 'parley-pg-'));
  if (account) chownSync(folder, account.uid, account.gid);
  const cluster = new PostgresCluster({
    dataDir: join(folder, 'data'),
    logFile: join(folder, 'postgres.log'),
    binaries: reachableBinaries(account),
    account,
    password: randomBytes(18).toString('base64url'),
    settings: ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off', 'max_connections=300'],
  });
  const remove = () => rmSync(folder, { recursive: true, force: true });
  try {
    cluster.initialise();
    const postmaster = await cluster.start(await freePort());
    return {
      url: (database) => cluster.url(postmaster.port, database),
      stop: async () => {
        await cluster.stop(postmaster);
        remove();
      },
    };
  } catch (error) {
    remove();
    throw error;
  }
}
