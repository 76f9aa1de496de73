import pg from 'pg';

/** A PostgreSQL advisory lock that is held by a connection of its own, so that it ends with the process that has it. */
export class SessionLock {
  /** Aborted when the lock is lost, because its connection is. */
  readonly lost: AbortSignal;
  private readonly losing = new AbortController();

  private constructor(private readonly client: pg.Client) {
    this.lost = this.losing.signal;
    client.once('end', () => this.losing.abort());
    client.on('error', () => this.losing.abort());
  }

  /** Takes the lock if nobody has it. @throws when the database cannot be reached */
  static async tryTake(url: string, key: number): Promise<SessionLock | null> {
    const client = new pg.Client({
      connectionString: url,
      application_name: 'parley lock',
      connectionTimeoutMillis: 5_000,
      keepAlive: true,
    });
    const lock = new SessionLock(client);
    try {
      await client.connect();
      const { rows } = await client.query<{ taken: boolean }>('SELECT pg_try_advisory_lock($1) AS taken', [key]);
      if (rows[0]?.taken) return lock;
    } catch (error) {
      await lock.release();
      throw error;
    }
    await lock.release();
    return null;
  }

  async release(): Promise<void> {
    await this.client.end().catch(() => undefined);
  }
}
