import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { eventually } from './eventually.js';

const PATIENCE_MS = 10_000;

/** Looks at a whole database from outside of the application. */
export class DatabaseState {
  private constructor(
    private readonly client: pg.Pool,
    private readonly question: string,
  ) {}

  static async of(url: string): Promise<DatabaseState> {
    const client = new pg.Pool({ connectionString: url, max: 1 });
    client.on('error', () => undefined);
    const { rows } = await client.query<{ name: string }>(
      "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public' AND table_name NOT LIKE '\\_%' ORDER BY 1",
    );
    const parts = rows.map(
      ({ name }) =>
        `SELECT '${name}' AS name, count(*)::int AS rows, md5(coalesce(string_agg(t.line, '|' ORDER BY t.line), '')) AS digest FROM (
          -- Who is here is noted now and then, whatever is asked for.
          SELECT (to_jsonb(row) - 'last_seen_at')::text AS line FROM "${name}" row
        ) t`,
    );
    return new DatabaseState(client, parts.join(' UNION ALL '));
  }

  /** One line a table; equal texts mean that not one value differs. */
  async fingerprint(): Promise<string[]> {
    const { rows } = await this.client.query<{ name: string; rows: number; digest: string }>(this.question);
    return rows.map(({ name, rows: count, digest }) => `${name}: ${count} rows, ${digest}`);
  }

  /** Waits until no answer is owed or being written. */
  async quiet(): Promise<void> {
    const deadline = Date.now() + PATIENCE_MS;
    while (Date.now() < deadline) {
      const { rows } = await this.client.query<{ busy: boolean }>(
        `SELECT EXISTS (SELECT 1 FROM messages WHERE status = 'streaming')
             OR EXISTS (SELECT 1 FROM conversations WHERE answer_due_seq IS NOT NULL) AS busy`,
      );
      if (rows[0]?.busy === false) return;
      await delay(10);
    }
    throw new Error('The answers did not come to an end');
  }

  /** Waits until no answer is owed or being written in one conversation. */
  async quietIn(conversationId: string): Promise<void> {
    await eventually(async () => {
      const { rows } = await this.client.query<{ busy: boolean }>(
        `SELECT EXISTS (SELECT 1 FROM messages WHERE conversation_id = $1 AND status = 'streaming')
             OR EXISTS (SELECT 1 FROM conversations WHERE id = $1 AND answer_due_seq IS NOT NULL) AS busy`,
        [conversationId],
      );
      return rows[0]?.busy === false;
    }, 30_000);
  }

  close(): Promise<void> {
    return this.client.end();
  }
}
