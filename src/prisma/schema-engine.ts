import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { PrismaPg } from '@prisma/adapter-pg';
import {
  bindMigrationAwareSqlAdapterFactory,
  ColumnTypeEnum,
  type SqlDriverAdapter,
  type SqlMigrationAwareDriverAdapterFactory,
} from '@prisma/driver-adapter-utils';
import * as bindings from '@prisma/schema-engine-wasm/schema_engine_bg';
import type { SchemaEngine } from '@prisma/schema-engine-wasm';

let loaded: Promise<typeof bindings> | undefined;

/** Runs `work` with Prisma's schema engine (its WebAssembly build, so nothing is downloaded) on the database at `url`. */
export async function withSchemaEngine<T>(url: string, work: (engine: SchemaEngine) => Promise<T>): Promise<T> {
  loaded ??= load();
  const { SchemaEngine } = await loaded;
  const connections: SqlDriverAdapter[] = [];
  const adapters = new PrismaPg({
    connectionString: url,
    application_name: 'parley migrations',
    connectionTimeoutMillis: 5_000,
  });
  const engine = await SchemaEngine.new(
    { datamodels: undefined },
    () => undefined,
    bindMigrationAwareSqlAdapterFactory(readingCatalogues(adapters, connections)),
  );
  try {
    return await work(engine);
  } finally {
    engine.free();
    // The engine leaves its connections open, and with them an advisory lock that the next one would wait for.
    for (const connection of connections) await connection.dispose();
  }
}

/** The part of the WebAssembly interface that is needed here; its types come with the browser's library only. */
declare const WebAssembly: {
  instantiate(code: Uint8Array, imports: Record<string, object>): Promise<{ instance: { exports: object } }>;
};

declare global {
  /** Where the engine leaves its last words before it traps. */
  var PRISMA_WASM_PANIC_REGISTRY: { set_message(message: string): void } | undefined;
}

/** The package's own entry imports a .wasm file, which Node does only behind a flag. */
async function load(): Promise<typeof bindings> {
  const file = createRequire(import.meta.url)
    .resolve('@prisma/schema-engine-wasm/schema_engine_bg')
    .replace(/\.js$/, '.wasm');
  const { instance } = await WebAssembly.instantiate(await readFile(file), {
    './schema_engine_bg.js': withoutLingeringTimers(bindings),
  });
  globalThis.PRISMA_WASM_PANIC_REGISTRY ??= {
    set_message: (message) => {
      throw new Error(message);
    },
  };
  bindings.__wbg_set_wasm(instance.exports);
  (instance.exports as { __wbindgen_start(): void }).__wbindgen_start();
  return bindings;
}

/** The engine never clears the timer of its lock; nothing shall wait for that one before it can end. */
function withoutLingeringTimers(imports: object): object {
  const setUnrefTimeout = (callback: () => void, ms: number) => setTimeout(callback, ms).unref();
  return Object.fromEntries(
    Object.entries(imports).map(([name, value]) => [
      name,
      name.startsWith('__wbg_setTimeout_') ? setUnrefTimeout : (value as unknown),
    ]),
  );
}

/** Columns of pg_constraint, of the type `"char"`, as the engine's queries name them. */
const CONSTRAINT_KINDS = /\bcon(?:str)?\.con(?:f(?:del|upd))?type\b/g;
const CONSTRAINT_KIND_NAMES = new Set(['constraint_type', 'confdeltype', 'confupdtype']);

/** The driver adapter (7.10) refuses the type `"char"` that the engine asks the catalogue for: ask for text and call it a character. */
function readingCatalogues(factory: PrismaPg, connections: SqlDriverAdapter[]): SqlMigrationAwareDriverAdapterFactory {
  return {
    provider: factory.provider,
    adapterName: factory.adapterName,
    connect: async () => {
      const connection = mend(await factory.connect());
      connections.push(connection);
      return connection;
    },
    // The engine does end this one, to delete the shadow database.
    connectToShadowDb: async () => mend(await factory.connectToShadowDb()),
  };
}

function mend(adapter: Awaited<ReturnType<PrismaPg['connect']>>): SqlDriverAdapter {
  const queryRaw = adapter.queryRaw.bind(adapter);
  adapter.queryRaw = async (query) => {
    if (query.sql.search(CONSTRAINT_KINDS) < 0) return queryRaw(query);
    const result = await queryRaw({ ...query, sql: query.sql.replaceAll(CONSTRAINT_KINDS, '$&::text') });
    const columnTypes = result.columnNames.map((name, index) =>
      CONSTRAINT_KIND_NAMES.has(name) ? ColumnTypeEnum.Character : (result.columnTypes[index] ?? ColumnTypeEnum.Text),
    );
    return { ...result, columnTypes };
  };
  // The adapter cuts scripts at every semicolon, also at those within a function or a text.
  const driver = adapter.underlyingDriver();
  adapter.executeScript = async (script) => void (await driver.query(script));
  return adapter;
}
