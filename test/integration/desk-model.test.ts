import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import type { Actor } from '../../src/common/actor.js';
import { AppError } from '../../src/common/errors/app-error.js';
import { isDatabaseUnavailable } from '../../src/common/errors/describe-error.js';
import { CustomerMessages } from '../../src/messages/customer-messages.service.js';
import { ChatMoves } from '../../src/operators/chat-moves.service.js';
import { ChatNotes } from '../../src/operators/chat-notes.service.js';
import { EscalationService } from '../../src/operators/escalation.service.js';
import { SupportChatsService } from '../../src/operators/support-chats.service.js';
import { TestApp } from '../support/app.js';
import { aDeskOf, aQueueOf } from '../support/desk-rows.js';
import { Random, rounds, seed } from '../support/random.js';

/** Random operations; more on demand: ROUNDS=10000. */
const OPERATIONS = rounds(2000);
const AT_ONCE = 16;
const CHATS = 12;
const CAPACITY = 2;

/** What happened to a chat, as the audit log has it, and between which numbers of its conversation. */
interface Step {
  action: string;
  from: string;
  to: string;
  previousOperatorId: string | null;
  operatorId: string | null;
  seq: number;
}

describe('a desk on which everybody does what comes to their mind', () => {
  let app: TestApp;
  let pool: pg.Pool;
  let operators: Actor[];
  let chats: string[];
  const random = new Random(seed());
  const done: Record<string, number> = {};
  const moved = new Map<string, number>();
  const unexpected: unknown[] = [];

  beforeAll(async () => {
    app = await TestApp.start({ SLA_FIRST_RESPONSE_S: '0' });
    pool = new pg.Pool({ connectionString: app.database.url, max: 4 });
    operators = [
      ...(await aDeskOf(pool, 4, CAPACITY)),
      ...(await aDeskOf(pool, 2, CAPACITY, 'senior_operator')),
      ...(await aDeskOf(pool, 1, CAPACITY, 'admin')),
    ];
    chats = await aQueueOf(pool, CHATS, 'bot');
    let next = 0;
    const worker = async () => {
      while (next++ < OPERATIONS) await operate(next);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
  }, 900_000);
  afterAll(async () => {
    await pool.end();
    await app.close();
  });

  async function operate(place: number): Promise<void> {
    const chatId = random.pick(chats);
    const actor = random.pick(operators);
    const seniors = operators.slice(4);
    const moves = app.get(ChatMoves);
    const desk = app.get(SupportChatsService);
    const operations: Record<string, () => Promise<unknown>> = {
      say: () =>
        app.get(CustomerMessages).say({
          conversationId: chatId,
          customerId: chatId,
          content: random.chance(0.2) ? 'I want an operator' : `words ${place}`,
          clientMessageId: `m${place}`,
        }),
      escalate: () => app.get(EscalationService).escalate(chatId, { by: 'command', reason: null }),
      take: () => moves.take(actor, chatId),
      transfer: () => moves.transfer(random.pick(seniors), chatId, random.pick(operators).userId),
      queue: () => moves.transfer(random.pick(seniors), chatId, 'queue'),
      return: () => moves.giveBack(actor, chatId),
      close: () => moves.close(actor, chatId, null),
      reopen: () => moves.reopen(random.pick(seniors), chatId),
      reply: () => desk.reply(actor, chatId, { text: `reply ${place}` }),
      read: () => desk.page(actor, chatId, { limit: 10 }),
      mark: () => desk.mark(actor, chatId, { isPinned: random.chance(0.5), tags: [`t${place % 3}`] }),
      note: () => app.get(ChatNotes).add(actor, chatId, `note ${place}`),
    };
    // Taking and answering are what a desk does most.
    const name = random.pick(['take', 'take', 'take', 'reply', 'reply', 'say', 'say', ...Object.keys(operations)]);
    try {
      await operations[name]?.();
      done[name] = (done[name] ?? 0) + 1;
      if (['take', 'transfer', 'queue', 'return', 'close', 'reopen'].includes(name))
        moved.set(chatId, (moved.get(chatId) ?? 0) + 1);
    } catch (error) {
      if (error instanceof AppError) done[error.code] = (done[error.code] ?? 0) + 1;
      else if (isDatabaseUnavailable(error)) done['DATABASE_UNAVAILABLE'] = (done['DATABASE_UNAVAILABLE'] ?? 0) + 1;
      else unexpected.push(error);
    }
  }

  const stepsOf = async (chatId: string): Promise<Step[]> => {
    const { rows } = await pool.query<{ action: string; data: Omit<Step, 'action'> }>(
      `SELECT action, data FROM audit_entries WHERE subject_id = $1 ORDER BY (data->>'seq')::int, id`,
      [chatId],
    );
    return rows.map(({ action, data }) => ({ action, ...data }));
  };

  it('never fails but by a refusal that it knows', () => {
    console.info(`${OPERATIONS} operations, seed ${random.seed}: ${JSON.stringify(done)}`);
    expect(unexpected).toEqual([]);
  });

  it('has one line in the audit log for each move, and each begins where the one before ended: one owner at a time', async () => {
    for (const chatId of chats) {
      const steps = await stepsOf(chatId);
      expect(steps.filter(({ action }) => action !== 'chat.escalated')).toHaveLength(moved.get(chatId) ?? 0);
      let status = 'bot';
      let operatorId: string | null = null;
      for (const step of steps) {
        expect(step).toMatchObject({ from: status, previousOperatorId: operatorId });
        ({ to: status, operatorId } = step);
        expect(operatorId !== null).toBe(status === 'in_progress' || status === 'closed');
      }
      const { rows } = await pool.query<{ status: string; operator_id: string | null }>(
        'SELECT status, operator_id FROM support_chats WHERE id = $1',
        [chatId],
      );
      expect(rows[0]).toEqual({ status, operator_id: operatorId });
    }
  });

  it('lets operators write into held chats alone, and the assistant into chats where nobody waits for a human', async () => {
    let checked = 0;
    for (const chatId of chats) {
      const steps = await stepsOf(chatId);
      const statusAt = (seq: number) => steps.findLast((step) => step.seq < seq)?.to ?? 'bot';
      const { rows } = await pool.query<{ seq: number; role: string }>(
        `SELECT seq, role FROM messages WHERE conversation_id = $1 AND role IN ('operator', 'assistant')`,
        [chatId],
      );
      for (const { seq, role } of rows) {
        checked++;
        if (role === 'operator') expect([seq, statusAt(seq)]).toEqual([seq, 'in_progress']);
        else expect(['bot', 'closed']).toContain(statusAt(seq));
      }
    }
    expect(checked).toBeGreaterThan(OPERATIONS / 100);
  });

  it('lets nobody hold more than they can, at no moment', async () => {
    const { rows } = await pool.query<{ data: Step }>(
      `SELECT data FROM audit_entries WHERE subject_id = ANY ($1) ORDER BY id`,
      [chats],
    );
    const held = new Map<string, number>();
    const change = (operatorId: string | null, by: number) =>
      operatorId === null ? 0 : held.set(operatorId, (held.get(operatorId) ?? 0) + by).get(operatorId);
    let most = 0;
    for (const { data } of rows) {
      if (data.from === 'in_progress') change(data.previousOperatorId, -1);
      if (data.to === 'in_progress') most = Math.max(most, change(data.operatorId, 1) ?? 0);
    }
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(CAPACITY);
  });

  it('silences the assistant exactly where a human waits or is there', async () => {
    const { rows } = await pool.query(`
      SELECT s.id, s.status, c.is_silenced FROM support_chats s JOIN conversations c ON c.id = s.id
      WHERE c.is_silenced <> (s.status IN ('waiting', 'in_progress'))`);
    expect(rows).toEqual([]);
  });

  it('counts what was not read as it is, and leaves no number out', async () => {
    const counts = await pool.query(`
      SELECT s.id FROM support_chats s
      WHERE s.customer_message_count - s.read_count <>
        (SELECT count(*) FROM messages m WHERE m.conversation_id = s.id AND m.role = 'customer' AND m.seq > s.read_seq)`);
    expect(counts.rows).toEqual([]);
    const gaps = await pool.query(`
      SELECT c.id, c.head FROM conversations c WHERE c.head <> (
        SELECT count(*) FROM (SELECT seq FROM messages m WHERE m.conversation_id = c.id
                              UNION SELECT change_seq FROM messages m WHERE m.conversation_id = c.id) numbers)`);
    expect(gaps.rows).toEqual([]);
  });
});
