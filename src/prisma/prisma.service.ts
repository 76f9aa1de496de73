import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { AppConfig } from '../config/app-config.js';
import { Prisma, PrismaClient } from './generated/client.js';
import { DatabaseAddress } from './database-address.js';
import { currentTransaction } from './transaction-scope.js';

/** Connections of this node to PostgreSQL: for transactions and all that Prisma asks, and for prepared statements of their own. */
const CONNECTIONS = { prisma: 5, statements: 8 } as const;
/** Nothing waits for ever (defaults of the driver do). */
const LIMITS = {
  connectionTimeoutMillis: 5_000,
  statement_timeout: 10_000,
  lock_timeout: 3_000,
  idle_in_transaction_session_timeout: 10_000,
} as const;

const PREPARED = /^\s*\/\* prepared: (\S+) \*\//;

/**
 * Statements that begin with `prepared: name` in a comment are planned once a connection; the text of a name never varies.
 * All others have no name: there is no end of different ones, and each would be kept by PostgreSQL.
 */
const nameOf = ({ sql }: { sql: string }): string => PREPARED.exec(sql)?.[1] ?? '';

/** Planning a long statement anew each time takes three times as long as running it. The pool waits for what this returns. */
async function planOnce(client: pg.ClientBase): Promise<void> {
  await client.query('SET plan_cache_mode = force_generic_plan');
}

/** The database. Only repositories ask it, through `db`, which is the transaction under way or the plain client. */
@Injectable()
export class PrismaService extends PrismaClient implements OnApplicationShutdown {
  /** The generated constructor returns a proxy; only that knows the models, and a getter's `this` is what lies behind it. */
  private readonly proxy: PrismaClient;
  private readonly pool: pg.Pool;
  private readonly statements: pg.Pool;

  constructor(address: DatabaseAddress, config: AppConfig) {
    const openPool = (options: pg.PoolConfig) =>
      new pg.Pool({
        connectionString: address.url,
        application_name: `parley ${config.nodeId}`,
        ...LIMITS,
        ...options,
      });
    const pool = openPool({ max: CONNECTIONS.prisma });
    super({
      adapter: new PrismaPg(pool, { disposeExternalPool: true, statementNameGenerator: nameOf }),
      // Longer forms hold pieces of source code and the arguments of queries.
      errorFormat: 'minimal',
      transactionOptions: { maxWait: 5_000, timeout: 10_000 },
    });
    this.proxy = this;
    this.pool = pool;
    this.statements = openPool({
      max: CONNECTIONS.statements,
      onConnect: planOnce as (client: pg.ClientBase) => void,
    });
    // A connection that breaks while it is idle is replaced when it is needed.
    this.statements.on('error', () => undefined);
  }

  /** The client that takes part in the current unit of work, if there is one. */
  get db(): Prisma.TransactionClient {
    return currentTransaction() ?? this.proxy;
  }

  /**
   * Reads rows past Prisma, whose own way of reading them costs more than they do, by a statement that is prepared once a
   * connection: `text` never varies for one `name`. Takes part in no transaction. Times are dates, `bigint` and `numeric` texts.
   * @throws Error as `isDatabaseUnavailable` knows them
   */
  async read<T extends object>(name: string, text: string, values: readonly unknown[]): Promise<T[]> {
    try {
      return (await this.statements.query<T & pg.QueryResultRow>({ name, text, values: [...values] })).rows;
    } catch (error) {
      const { message, code } = error as Error & { code?: string };
      throw Object.assign(new Error(message, { cause: error }), { name: 'DatabaseError', code });
    }
  }

  /**
   * The rows of one statement that begins with `prepared: name`, as the current unit of work or by itself; by itself it goes
   * past Prisma. Columns are of types that both read alike: no `bigint`, no `numeric`.
   * @throws Error as `isDatabaseUnavailable` knows them
   */
  async rows<T extends object>(statement: Prisma.Sql): Promise<T[]> {
    const transaction = currentTransaction();
    if (transaction) return transaction.$queryRaw<T[]>(statement);
    return this.read<T>(nameOf(statement), statement.text, statement.values);
  }

  /** Connections that are open, those of them that are free, and callers that wait for one. */
  get connections(): { total: number; idle: number; waiting: number } {
    const sum = (of: 'totalCount' | 'idleCount' | 'waitingCount') => this.pool[of] + this.statements[of];
    return { total: sum('totalCount'), idle: sum('idleCount'), waiting: sum('waitingCount') };
  }

  override async $disconnect(): Promise<void> {
    await Promise.all([super.$disconnect(), this.statements.ending ? undefined : this.statements.end()]);
  }

  /** Once the listener is closed: requests that came before that still ask. */
  async onApplicationShutdown(): Promise<void> {
    await this.$disconnect();
  }
}
