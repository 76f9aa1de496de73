import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { StartError } from './start-error.js';

/** How long a start waits for a server that does not answer at all, and for one that says it is starting. */
const UNREACHABLE_MS = 3_000;
const STARTING_MS = 60_000;

/** Makes sure that the database at `url` can be used; creates it when it is missing and the login may. @throws StartError in one line */
export async function reachDatabase(url: string, report: (line: string) => void): Promise<void> {
  const where = describe(url);
  try {
    await connectPatiently(url, report);
  } catch (error) {
    if (codeOf(error) !== '3D000') throw explained(error, where);
    await createDatabase(url, where).catch((failure: unknown) => {
      throw explained(failure, where);
    });
    report(`Created the database ${where.database} at ${where.host}`);
  }
}

interface Where {
  host: string;
  database: string;
  user: string;
}

/** What may be shown of an address: everything but the password. */
function describe(url: string): Where {
  try {
    const { host, port, database, user } = new pg.Client({ connectionString: url });
    return { host: `${host}:${port}`, database: database ?? '', user: user ?? '' };
  } catch (error) {
    throw new StartError('DATABASE_URL is not a valid address: postgresql://user:password@host:5432/database', {
      cause: error,
    });
  }
}

async function connectPatiently(url: string, report: (line: string) => void): Promise<void> {
  const begin = Date.now();
  let told = false;
  for (;;) {
    try {
      return await query(url, 'SELECT 1').then(() => undefined);
    } catch (error) {
      const code = codeOf(error);
      const starting = code === '57P03' || code === '53300';
      const patience = starting ? STARTING_MS : isUnreachable(error) ? UNREACHABLE_MS : 0;
      if (Date.now() - begin + 250 > patience) throw error;
      if (starting && !told) report('The database is starting or busy, waiting …');
      told ||= starting;
      await delay(250);
    }
  }
}

async function createDatabase(url: string, { database }: Where): Promise<void> {
  const maintenance = new URL(url);
  maintenance.pathname = '/postgres';
  try {
    await query(
      maintenance.href,
      `CREATE DATABASE ${pg.escapeIdentifier(database)} ENCODING 'UTF8' TEMPLATE template0`,
    );
  } catch (error) {
    // Another node was first: 42P04 when it has finished, 23505 when both were at it.
    if (!['42P04', '23505'].includes(codeOf(error))) throw error;
  }
}

async function query(url: string, sql: string): Promise<pg.QueryResult> {
  const client = new pg.Client({
    connectionString: url,
    application_name: 'parley start',
    connectionTimeoutMillis: UNREACHABLE_MS,
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return await client.query(sql);
  } finally {
    await client.end().catch(() => undefined);
  }
}

function explained(error: unknown, { host, database, user }: Where): StartError {
  const code = codeOf(error);
  const text = error instanceof Error ? error.message : String(error);
  const because = (message: string) => new StartError(message, { cause: error });
  if (code === '28P01' || code === '28000')
    return because(`the database at ${host} refuses the login of ${user}: ${text}`);
  if (code === '42501') return because(`there is no database ${database} at ${host}, and ${user} may not create it`);
  if (isUnreachable(error)) return because(`the database at ${host} cannot be reached: ${text || code}`);
  return because(`the database ${database} at ${host} cannot be used: ${text}`);
}

function isUnreachable(error: unknown): boolean {
  const code = codeOf(error);
  return (
    /^E[A-Z_]+$/.test(code) || /timeout|terminated unexpectedly/i.test(error instanceof Error ? error.message : '')
  );
}

function codeOf(error: unknown): string {
  if (error instanceof AggregateError) return codeOf(error.errors[0]);
  const { code } = error as { code?: unknown };
  return typeof code === 'string' ? code : '';
}
