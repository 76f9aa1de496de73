import type { AppConfig } from '../config/app-config.js';
import { DatabaseAddress } from './database-address.js';
import { EmbeddedPostgres } from './embedded/embedded-postgres.js';
import { reachDatabase } from './external-database.js';
import { migrate } from './migrations.js';
import { StartError } from './start-error.js';

export interface PreparedDatabase {
  readonly address: DatabaseAddress;
  /** Ends the embedded server, if it is one; to be called after the last query. */
  stop(): Promise<void>;
}

/**
 * A database that is up and migrated: the configured one, else the embedded one in the data folder.
 * `report` gets a line about each step that a person should know of.
 * @throws StartError
 */
export async function prepareDatabase(config: AppConfig, report: (line: string) => void): Promise<PreparedDatabase> {
  if (config.databaseUrl !== null) {
    await reachDatabase(config.databaseUrl, report);
    await bringUpToDate(config.databaseUrl, report);
    return { address: new DatabaseAddress(config.databaseUrl, false), stop: () => Promise.resolve() };
  }
  const server = await EmbeddedPostgres.start(config.dataDir, report);
  try {
    await bringUpToDate(server.url, report);
  } catch (error) {
    await server.stop();
    throw error;
  }
  return { address: new DatabaseAddress(server.url, true), stop: () => server.stop() };
}

async function bringUpToDate(url: string, report: (line: string) => void): Promise<void> {
  try {
    const applied = await migrate(url);
    if (applied.length > 0)
      report(`Applied ${applied.length} migration${applied.length > 1 ? 's' : ''}: ${applied.join(', ')}`);
  } catch (error) {
    if (error instanceof StartError) throw error;
    const [line] = (error instanceof Error ? error.message : String(error))
      .split('\n')
      .filter((part) => part.trim() !== '');
    throw new StartError(`the database cannot be migrated: ${line ?? 'unknown reason'}`, { cause: error });
  }
}
