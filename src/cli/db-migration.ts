import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { MIGRATIONS_FOLDER, readMigrations } from '../prisma/migrations.js';
import { schemaDifference } from './schema-difference.js';

/** Everything from this line on is kept when a migration is written anew. */
const BY_HAND = '-- By hand: what the schema language cannot say.';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rewrite: { type: 'boolean', default: false } },
});
const [name] = positionals;

if (!name || positionals.length > 1 || !/^[a-z][a-z0-9_]{0,60}$/.test(name)) {
  console.error('Usage: npm run db:migration <name>                writes what changed in prisma/schema.prisma');
  console.error(
    '       npm run db:migration -- --rewrite <name>   writes the newest migration anew (before its release)',
  );
  console.error('The name is made of a-z, 0-9 and _.');
  process.exitCode = 2;
} else {
  await write(name, values.rewrite);
}

async function write(name: string, rewrite: boolean): Promise<void> {
  const migrations = await readMigrations();
  let folder = `${new Date().toISOString().replace(/\D/g, '').slice(0, 14)}_${name}`;
  let byHand = '';
  if (rewrite) {
    const newest = migrations.migrationDirectories.pop();
    if (!newest?.path.endsWith(`_${name}`)) throw new Error(`${name} is not the newest migration`);
    folder = newest.path;
    const old = await readFile(join(MIGRATIONS_FOLDER, folder, 'migration.sql'), 'utf8');
    if (old.includes(BY_HAND)) byHand = `\n${old.slice(old.indexOf(BY_HAND))}`;
  }
  const difference = await schemaDifference(migrations);
  if (difference === null) {
    console.log('Nothing changed: the migrations already lead to prisma/schema.prisma.');
    return;
  }
  await mkdir(join(MIGRATIONS_FOLDER, folder), { recursive: true });
  await writeFile(join(MIGRATIONS_FOLDER, folder, 'migration.sql'), difference + byHand);
  console.log(
    `Wrote prisma/migrations/${folder}/migration.sql. Read it: data that it would lose is yours to move first.`,
  );
}
