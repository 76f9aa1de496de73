import { readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/** The operating system account that PostgreSQL runs as. */
export interface ServiceAccount {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/**
 * The account to run PostgreSQL as, which refuses to run as root: `owner` of its data if there is any, else one that
 * every system has. Null for anybody but root: they run it as themselves.
 */
export function serviceAccount(owner: ServiceAccount | null = null): ServiceAccount | null {
  if (process.getuid?.() !== 0) return null;
  if (owner && owner.uid !== 0) return owner;
  const known = accounts();
  return (
    ['postgres', 'nobody'].map((name) => known.find((account) => account.name === name)).find(Boolean) ?? {
      name: '65534',
      uid: 65534,
      gid: 65534,
    }
  );
}

/** Whose `path` is. */
export function accountOf(path: string): ServiceAccount {
  const { uid, gid } = statSync(path);
  return { name: accounts().find((account) => account.uid === uid)?.name ?? String(uid), uid, gid };
}

/** Whether `account` may pass through every folder on the way to `path` and through that one. */
export function canReach(account: ServiceAccount, path: string): boolean {
  for (let folder = path; ; folder = dirname(folder)) {
    const { mode, uid, gid } = statSync(folder);
    const shift = uid === account.uid ? 6 : gid === account.gid ? 3 : 0;
    if (((mode >> shift) & 1) === 0) return false;
    if (folder === dirname(folder)) return true;
  }
}

function accounts(): ServiceAccount[] {
  return readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
    .map(([name = '', , uid, gid]) => ({ name, uid: Number(uid), gid: Number(gid) }));
}
