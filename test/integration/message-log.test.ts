import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { newId } from '../../src/common/ids.js';
import { MessageAppender } from '../../src/messages/message-appender.js';
import { MessageLogRepository, type NewMessage } from '../../src/messages/message-log.repository.js';
import { MessagesRepository } from '../../src/messages/messages.repository.js';
import { DatabaseAddress } from '../../src/prisma/database-address.js';
import { PrismaService } from '../../src/prisma/prisma.service.js';
import { UnitOfWork } from '../../src/prisma/unit-of-work.js';
import { eventually } from '../support/eventually.js';
import { createTestDatabase, testConfig, type TestDatabase } from '../support/database.js';

const WRITERS = 16;
const PER_WRITER = 250;

describe('the log of a conversation', () => {
  let database: TestDatabase;
  let pool: pg.Pool;
  let prisma: PrismaService;
  let unitOfWork: UnitOfWork;
  let log: MessageLogRepository;
  let messages: MessagesRepository;
  let appender: MessageAppender;

  beforeAll(async () => {
    database = await createTestDatabase();
    pool = new pg.Pool({ connectionString: database.url, max: WRITERS + 4 });
    // A connection that the pool has let go may still be there when its database is dropped.
    pool.on('error', () => undefined);
    prisma = new PrismaService(new DatabaseAddress(database.url, false), testConfig());
    unitOfWork = new UnitOfWork(prisma);
    log = new MessageLogRepository(prisma);
    messages = new MessagesRepository(prisma);
    appender = new MessageAppender(log, messages, unitOfWork);
  });

  afterAll(async () => {
    await prisma.$disconnect();
    await pool.end();
    await database.drop();
  });

  async function aConversation(): Promise<string> {
    const id = newId();
    await pool.query(`INSERT INTO conversations (id, kind) VALUES ($1, 'session')`, [id]);
    return id;
  }

  function aMessage(conversationId: string, changes: Partial<NewMessage> = {}): NewMessage {
    return {
      id: newId(),
      conversationId,
      role: 'user',
      senderId: newId(),
      content: 'hello',
      status: 'complete',
      clientMessageId: null,
      replyToId: null,
      model: null,
      answerDue: false,
      ...changes,
    };
  }

  /** Reads by cursor while `writing` goes on and once more after it; returns the numbers it saw. */
  async function readByCursor(
    writing: Promise<unknown>,
    read: (cursor: number) => Promise<number[]>,
  ): Promise<number[]> {
    const seen: number[] = [];
    let isWriting = true;
    void writing.finally(() => (isWriting = false));
    for (let isLast = false; !isLast;) {
      isLast = !isWriting;
      const found = await read(seen.at(-1) ?? 0);
      seen.push(...found);
      if (found.length === 0) await delay(1);
    }
    return seen;
  }

  it('never lets a reader with a cursor skip a message, whatever pauses come before a commit', async () => {
    const conversationId = await aConversation();
    const writer = async () => {
      for (let count = 0; count < PER_WRITER; count++) {
        await unitOfWork.run(async () => {
          await log.append([aMessage(conversationId)]);
          if (Math.random() < 0.3) await delay(Math.random() * 4);
        });
      }
    };
    const seen = await readByCursor(Promise.all(Array.from({ length: WRITERS }, writer)), async (cursor) =>
      (await messages.pageAfter('session', conversationId, cursor, 1000)).map(({ seq }) => seq),
    );
    const total = WRITERS * PER_WRITER;
    console.info(`numbers under the row lock: a cursor reader missed ${total - new Set(seen).size} of ${total}`);
    expect(seen).toEqual(Array.from({ length: total }, (_, index) => index + 1));
  });

  it('would lose messages with one global sequence as the cursor (negative control)', async () => {
    await pool.query('CREATE TABLE naive_log (seq bigserial PRIMARY KEY)');
    const writer = async () => {
      const client = await pool.connect();
      for (let count = 0; count < PER_WRITER; count++) {
        await client.query('BEGIN');
        await client.query('INSERT INTO naive_log DEFAULT VALUES');
        if (Math.random() < 0.3) await delay(Math.random() * 4);
        await client.query('COMMIT');
      }
      client.release();
    };
    const seen = await readByCursor(Promise.all(Array.from({ length: WRITERS }, writer)), async (cursor) => {
      const { rows } = await pool.query<{ seq: number }>('SELECT seq::int FROM naive_log WHERE seq > $1 ORDER BY seq', [
        cursor,
      ]);
      return rows.map(({ seq }) => seq);
    });
    const total = WRITERS * PER_WRITER;
    const missed = total - new Set(seen).size;
    console.info(`one global sequence: a cursor reader missed ${missed} of ${total}`);
    expect(missed).toBeGreaterThan(0);
  });

  it('gives every message of parallel batches its own number without gaps, in the order of each sender', async () => {
    const conversations = await Promise.all([aConversation(), aConversation(), aConversation()]);
    const senders = conversations.flatMap((conversationId) => [conversationId, conversationId]);
    await Promise.all(
      senders.map(async (conversationId, sender) => {
        const sends = Array.from({ length: 100 }, (_, index) =>
          appender.append(aMessage(conversationId, { content: `${sender} ${index}` })),
        );
        const stored = await Promise.all(sends);
        const numbers = stored.map(({ message }) => message.seq);
        expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
        expect(stored.map(({ message }) => message.content)).toEqual(stored.map((_, index) => `${sender} ${index}`));
      }),
    );
    for (const conversationId of conversations) {
      const rows = await messages.pageAfter('session', conversationId, 0, 1000);
      expect(rows.map(({ seq }) => seq)).toEqual(Array.from({ length: 200 }, (_, index) => index + 1));
    }
  });

  it('stores one message for fifty twins and gives all of them the same one', async () => {
    const conversationId = await aConversation();
    const senderId = newId();
    const twins = Array.from({ length: 50 }, () => aMessage(conversationId, { senderId, clientMessageId: 'once' }));
    const appended = await Promise.all(twins.map((twin) => appender.append(twin)));
    expect(new Set(appended.map(({ message }) => message.id)).size).toBe(1);
    expect(appended.filter(({ isReplay }) => !isReplay)).toHaveLength(1);
    expect(await messages.headOf(conversationId)).toBe(1);
  });

  it('refuses a client message id that stands for another text, and leaves its neighbours alone', async () => {
    const conversationId = await aConversation();
    const senderId = newId();
    await appender.append(aMessage(conversationId, { senderId, clientMessageId: 'a' }));
    const outcomes = await Promise.allSettled([
      appender.append(aMessage(conversationId, { content: 'before' })),
      appender.append(aMessage(conversationId, { senderId, clientMessageId: 'a', content: 'something else' })),
      appender.append(aMessage(newId(), { content: 'nowhere' })),
      appender.append(aMessage(conversationId, { content: 'bad \0 text' })),
      appender.append(aMessage(conversationId, { content: 'after' })),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      'rejected',
      'rejected',
      'fulfilled',
    ]);
    expect(outcomes[1]).toMatchObject({ reason: { code: 'IDEMPOTENCY_KEY_REUSED' } });
    expect(outcomes[2]).toMatchObject({ reason: { code: 'CONVERSATION_NOT_FOUND' } });
    const rows = await messages.pageAfter('session', conversationId, 0, 10);
    expect(rows.map(({ seq, content }) => [seq, content])).toEqual([
      [1, 'hello'],
      [2, 'before'],
      [3, 'after'],
    ]);
  });

  it('leaves out whoever is removed from a room while the statement waits, and takes no number for it', async () => {
    const [roomId, staying, leaving] = [newId(), newId(), newId()];
    await pool.query(`INSERT INTO conversations (id, kind) VALUES ($1, 'room')`, [roomId]);
    await pool.query(`INSERT INTO chat_rooms (id, type) VALUES ($1, 'GROUP')`, [roomId]);
    for (const userId of [staying, leaving]) {
      await pool.query(`INSERT INTO users (id) VALUES ($1)`, [userId]);
      await pool.query(`INSERT INTO participants (conversation_id, user_id) VALUES ($1, $2)`, [roomId, userId]);
    }
    const removal = await pool.connect();
    await removal.query('BEGIN');
    await removal.query('SELECT 1 FROM conversations WHERE id = $1 FOR UPDATE', [roomId]);
    await removal.query('UPDATE participants SET left_at = now() WHERE user_id = $1', [leaving]);
    const appending = log.append([leaving, staying].map((senderId) => aMessage(roomId, { senderId })));
    await eventually(async () => {
      const { rows } = await pool.query(`SELECT 1 FROM pg_locks WHERE NOT granted`);
      return rows.length > 0;
    });
    await removal.query('COMMIT');
    removal.release();
    expect((await appending).map(({ senderId, seq }) => [senderId, seq])).toEqual([[staying, 1]]);
    expect(await messages.headOf(roomId)).toBe(1);
  });

  it('remembers durably that an answer is owed, in the statement of the message', async () => {
    const conversationId = await aConversation();
    await log.append([
      aMessage(conversationId),
      aMessage(conversationId, { answerDue: true }),
      aMessage(conversationId),
    ]);
    expect(await unitOfWork.run(() => log.lock(conversationId))).toMatchObject({ head: 3, answerDueSeq: 2 });
  });

  it('reads a page of a conversation of 100 000 messages by index', async () => {
    const conversationId = await aConversation();
    await pool.query(
      `INSERT INTO messages (id, conversation_id, seq, change_seq, role, content)
       SELECT gen_random_uuid(), $1, n, n, 'user', 'x' FROM generate_series(1, 100000) n`,
      [conversationId],
    );
    await pool.query('ANALYZE messages');
    const plan = async (condition: string) => {
      const { rows } = await pool.query<{ 'QUERY PLAN': [{ Plan: PlanNode }] }>(
        `EXPLAIN (ANALYZE, FORMAT JSON) SELECT m.* FROM messages m JOIN conversations c ON c.id = m.conversation_id
         WHERE m.conversation_id = $1 AND ${condition} LIMIT 51`,
        [conversationId],
      );
      return nodesOf(rows[0]!['QUERY PLAN'][0].Plan);
    };
    for (const condition of [
      'm.seq < 50000 ORDER BY m.seq DESC',
      'm.seq > 50000 ORDER BY m.seq',
      'm.change_seq > 99950 ORDER BY m.change_seq',
    ]) {
      const nodes = await plan(condition);
      const scan = nodes.find((node) => node['Relation Name'] === 'messages');
      expect(scan?.['Node Type']).toBe('Index Scan');
      expect(scan?.['Actual Rows']).toBeLessThanOrEqual(51);
    }
  });

  it('counts the messages that show by index, beside a conversation of 100 000', async () => {
    const [long, short, empty] = [await aConversation(), await aConversation(), await aConversation()];
    for (const [conversationId, count] of [
      [long, 100_000],
      [short, 7],
    ] as const)
      await pool.query(
        `INSERT INTO messages (id, conversation_id, seq, change_seq, role, content, deleted_at)
         SELECT gen_random_uuid(), $1, n, n, 'user', 'x', CASE WHEN n = 1 THEN now() END FROM generate_series(1, ${count}) n`,
        [conversationId],
      );
    await pool.query('ANALYZE messages');
    const ids = [short, empty];
    expect([...(await messages.countShown(ids))]).toEqual([[short, 6]]);
    const { rows } = await pool.query<{ 'QUERY PLAN': [{ Plan: PlanNode }] }>(
      `EXPLAIN (ANALYZE, FORMAT JSON) SELECT conversation_id, count(*) FROM messages
       WHERE superseded_by_id IS NULL AND deleted_at IS NULL AND conversation_id = ANY ($1) GROUP BY conversation_id`,
      [ids],
    );
    const scans = nodesOf(rows[0]!['QUERY PLAN'][0].Plan).filter((node) => /Scan/.test(node['Node Type']));
    expect(scans.map((node) => node['Node Type'])).not.toContain('Seq Scan');
    expect(Math.max(...scans.map((node) => node['Actual Rows']))).toBeLessThanOrEqual(7);
  });
});

interface PlanNode {
  'Node Type': string;
  'Relation Name'?: string;
  'Actual Rows': number;
  Plans?: PlanNode[];
}

function nodesOf(plan: PlanNode): PlanNode[] {
  return [plan, ...(plan.Plans ?? []).flatMap(nodesOf)];
}
