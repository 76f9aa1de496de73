import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { MigrationList } from '@prisma/schema-engine-wasm';
import { startThrowawayCluster } from '../prisma/embedded/throwaway-cluster.js';
import { withSchemaEngine } from '../prisma/schema-engine.js';

const SCHEMA_FILE = fileURLToPath(new URL('../../prisma/schema.prisma', import.meta.url));

/** The SQL that leads from `migrations` (applied to a database of its own) to prisma/schema.prisma; null when it says the same. */
export async function schemaDifference(migrations: MigrationList): Promise<string | null> {
  const cluster = await startThrowawayCluster();
  try {
    const schema = await readFile(SCHEMA_FILE, 'utf8');
    const { exitCode, stdout } = await withSchemaEngine(cluster.url(), (engine) =>
      engine.diff({
        from: { tag: 'migrations', ...migrations },
        to: { tag: 'schemaDatamodel', files: [{ path: 'schema.prisma', content: schema }] },
        script: true,
        exitCode: true,
        filters: { externalTables: [], externalEnums: [] },
      }),
    );
    return exitCode === 2 ? stdout : null;
  } finally {
    await cluster.stop();
  }
}
