import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { newId } from '../../src/common/ids.js';
import {
  MessageSearchRepository,
  searchQuery,
  type MessageSearch,
} from '../../src/messages/message-search.repository.js';
import { DatabaseAddress } from '../../src/prisma/database-address.js';
import { PrismaService } from '../../src/prisma/prisma.service.js';
import { createTestDatabase, testConfig, type TestDatabase } from '../support/database.js';

const OTHERS = 100_000;
const OWN = 200;

interface PlanNode {
  'Node Type': string;
  'Relation Name'?: string;
  'Index Name'?: string;
  'Actual Rows': number;
  'Actual Loops': number;
  'Rows Removed by Filter'?: number;
  'Rows Removed by Index Recheck'?: number;
  Plans?: PlanNode[];
}

describe('searching 100 000 messages', () => {
  let database: TestDatabase;
  let pool: pg.Pool;
  let prisma: PrismaService;
  let repository: MessageSearchRepository;
  const userId = newId();
  const sessionId = newId();
  const otherId = newId();

  beforeAll(async () => {
    database = await createTestDatabase();
    pool = new pg.Pool({ connectionString: database.url, max: 2 });
    prisma = new PrismaService(new DatabaseAddress(database.url, false), testConfig());
    repository = new MessageSearchRepository(prisma);
    for (const [owner, session] of [
      [userId, sessionId],
      [newId(), otherId],
    ]) {
      await pool.query('INSERT INTO users (id) VALUES ($1)', [owner]);
      await pool.query(`INSERT INTO conversations (id, kind) VALUES ($1, 'session')`, [session]);
      await pool.query('INSERT INTO sessions (id, owner_id) VALUES ($1, $2)', [session, owner]);
    }
    // Every message has a word of its own and one that all have.
    for (const [session, count] of [
      [otherId, OTHERS],
      [sessionId, OWN],
    ])
      await pool.query(
        `INSERT INTO messages (id, conversation_id, seq, change_seq, role, content)
         SELECT gen_random_uuid(), $1, n, n, 'user', 'чашки word' || n || ' ' || md5(n::text) FROM generate_series(1, $2::int) n`,
        [session, count],
      );
    await pool.query('VACUUM ANALYZE messages');
  });

  afterAll(async () => {
    await prisma.$disconnect();
    await pool.end();
    await database.drop();
  });

  const search = (words: string, more: Partial<MessageSearch> = {}): MessageSearch => ({
    userId,
    words,
    beforeId: null,
    limit: 51,
    ...more,
  });

  /** The parts of the plan that read messages, and how many rows they read. */
  async function reading(asked: MessageSearch): Promise<{ indexes: string[]; rows: number }> {
    const { text, values } = searchQuery(asked);
    const { rows } = await pool.query<{ 'QUERY PLAN': [{ Plan: PlanNode }] }>(
      `EXPLAIN (ANALYZE, FORMAT JSON) ${text}`,
      values,
    );
    const nodes = flat(rows[0]?.['QUERY PLAN'][0].Plan);
    const scans = nodes.filter((node) => node['Relation Name'] === 'messages');
    return {
      indexes: nodes.flatMap((node) => node['Index Name'] ?? []),
      rows: scans.reduce((sum, node) => sum + rowsOf(node), 0),
    };
  }

  it.each([
    ['a word that nobody has', 'nirgends', 0],
    ['a word that only others have', 'word4711', 0],
    ['a word that everybody has', 'чашками', OWN + 51],
    ['a word of one message', 'word77', 20],
    ['words that must not be there', '-чашка', 0],
  ])('reads by the index no more than the person may see, for %s', async (_, words, most) => {
    for (const more of [{}, { conversationId: sessionId }]) {
      const { indexes, rows } = await reading(search(words, more));
      expect(indexes).toContain('messages_search_idx');
      expect(rows).toBeLessThanOrEqual(most);
    }
  });

  it('finds nothing of others, by whatever it is asked', async () => {
    for (const words of ['word4711', otherId, `in ${otherId}`, `"in ${otherId}"`, '-nirgends or word4711'])
      for (const message of await repository.searchSeenBy(search(words, { limit: 1_000 })))
        expect(message.conversationId).toBe(sessionId);
    expect(await repository.searchSeenBy(search('чашка', { conversationId: otherId }))).toEqual([]);
  });

  it('finds what it should in more conversations than the index is asked for one by one', async () => {
    const person = newId();
    await pool.query('INSERT INTO users (id) VALUES ($1)', [person]);
    await pool.query(
      `WITH c AS (INSERT INTO conversations (id, kind) SELECT gen_random_uuid(), 'session' FROM generate_series(1, 400) RETURNING id),
            s AS (INSERT INTO sessions (id, owner_id) SELECT id, $1 FROM c)
       INSERT INTO messages (id, conversation_id, seq, change_seq, role, content)
       SELECT gen_random_uuid(), id, 1, 1, 'user', 'чашки и wombats' FROM c`,
      [person],
    );
    const found = await repository.searchSeenBy({ ...search('wombat'), userId: person, limit: 1_000 });
    expect(found).toHaveLength(400);
    expect(await repository.searchSeenBy({ ...search('word77'), userId: person })).toEqual([]);
  });
});

const flat = (node: PlanNode | undefined): PlanNode[] => (node ? [node, ...(node.Plans ?? []).flatMap(flat)] : []);

const rowsOf = (node: PlanNode): number =>
  (node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0) + (node['Rows Removed by Index Recheck'] ?? 0)) *
  node['Actual Loops'];
