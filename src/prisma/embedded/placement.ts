import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  existsSync,
  lchownSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { StartError } from '../start-error.js';
import { findBinaries, stageBinaries, type PostgresBinaries } from './postgres-binaries.js';
import { accountOf, canReach, serviceAccount, type ServiceAccount } from './service-account.js';

/** Where root puts what the service account cannot reach elsewhere. */
export const STAGING_FOLDER = '/var/lib/parley';

/** Who runs the database server, with which programs, on which folder. */
export interface Placement {
  readonly account: ServiceAccount | null;
  readonly binaries: PostgresBinaries;
  /** PostgreSQL's data folder; it may not exist yet, its parent does. */
  readonly dataDir: string;
  /** True when `dataDir` lies outside of the data folder that was asked for. */
  readonly staged: boolean;
}

/** Decides where the embedded database of `dataFolder` lives. @throws StartError when its account cannot get there */
export function placeDatabase(dataFolder: string): Placement {
  mkdirSync(dataFolder, { recursive: true });
  const beside = join(dataFolder, 'postgres');
  const owner = existsSync(beside) ? accountOf(beside) : null;
  const account = serviceAccount(owner);
  if (!account) {
    refuseForeign(beside);
    return { account, binaries: findBinaries(), dataDir: beside, staged: false };
  }
  // Root made a plain copy of it.
  if (owner?.uid === 0) giveTo(account, beside);
  const binaries = reachableBinaries(account);
  const marker = join(dataFolder, 'postgres-place');
  if (existsSync(marker)) return { account, binaries, dataDir: stagedFolder(marker), staged: true };
  if (canReach(account, dataFolder)) return { account, binaries, dataDir: beside, staged: false };
  if (existsSync(beside))
    throw new StartError(
      `the account ${account.name}, which owns the database in ${beside}, cannot get there: allow it with chmod a+x on the folders above`,
    );
  const id = randomBytes(9).toString('base64url');
  mkdirSync(join(STAGING_FOLDER, id), { recursive: true });
  chmodSync(STAGING_FOLDER, 0o755);
  chownSync(join(STAGING_FOLDER, id), account.uid, account.gid);
  writeFileSync(join(STAGING_FOLDER, id, 'origin'), `${dataFolder}\n`);
  writeFileSync(marker, `${id}\n`, { mode: 0o600 });
  return { account, binaries, dataDir: join(STAGING_FOLDER, id, 'postgres'), staged: true };
}

/** The package's binaries, or a copy of them where `account` gets at them. */
export function reachableBinaries(account: ServiceAccount | null): PostgresBinaries {
  const binaries = findBinaries();
  return account && !canReach(account, binaries.home) ? stageBinaries(binaries, STAGING_FOLDER) : binaries;
}

function giveTo({ uid, gid }: ServiceAccount, folder: string): void {
  for (const path of ['', ...readdirSync(folder, { recursive: true, encoding: 'utf8' })])
    lchownSync(join(folder, path), uid, gid);
}

function stagedFolder(marker: string): string {
  const folder = join(STAGING_FOLDER, readFileSync(marker, 'utf8').trim());
  if (!existsSync(folder))
    throw new StartError(
      `the database was kept in ${folder}, which is gone: bring it back, or delete ${marker} to begin with an empty one`,
    );
  return join(folder, 'postgres');
}

function refuseForeign(dataDir: string): void {
  if (!existsSync(dataDir)) return;
  const { uid } = statSync(dataDir);
  if (process.getuid && uid !== process.getuid())
    throw new StartError(
      `the database in ${dataDir} belongs to another account (uid ${uid}): start as that one or as root`,
    );
}
