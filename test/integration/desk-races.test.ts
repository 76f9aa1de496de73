import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import type { Actor } from '../../src/common/actor.js';
import { AppError } from '../../src/common/errors/app-error.js';
import { ChatMoves } from '../../src/operators/chat-moves.service.js';
import { TestApp } from '../support/app.js';
import { aDeskOf, aQueueOf } from '../support/desk-rows.js';
import { Random, seed } from '../support/random.js';

const OPERATORS = 50;
const CHATS = 200;
/** More than enough in all, too few for one. */
const CAPACITY = 5;
const CONTROL = { operators: 12, chats: 20 };

type Take = (operator: Actor, chatId: string) => Promise<void>;

interface Outcome {
  winners: Map<string, string[]>;
  refusals: { chatId: string; error: AppError }[];
}

describe('fifty operators who want the same two hundred chats', () => {
  let app: TestApp;
  let pool: pg.Pool;

  beforeAll(async () => {
    app = await TestApp.start({ SLA_FIRST_RESPONSE_S: '0' });
    pool = new pg.Pool({ connectionString: app.database.url, max: 12 });
  });
  afterAll(async () => {
    await pool.end();
    await app.close();
  });

  async function race(operators: readonly Actor[], chats: readonly string[], take: Take): Promise<Outcome> {
    const outcome: Outcome = { winners: new Map(chats.map((id) => [id, []])), refusals: [] };
    const random = new Random(seed());
    // Each goes through all chats, in an order that brings many to the same one at once.
    const work = operators.map((operator) => ({ operator, order: nearlyTheSame(chats, random) }));
    await Promise.all(
      work.map(async ({ operator, order }) => {
        for (const chatId of order)
          try {
            await take(operator, chatId);
            outcome.winners.get(chatId)?.push(operator.userId);
          } catch (error) {
            if (!(error instanceof AppError)) throw error;
            outcome.refusals.push({ chatId, error });
          }
      }),
    );
    return outcome;
  }

  const contested = ({ winners }: Outcome) => [...winners.values()].filter(({ length }) => length !== 1).length;

  it('get each of them once, the others learn who holds it, and nobody holds more than they can', async () => {
    const operators = await aDeskOf(pool, OPERATORS, CAPACITY);
    const chats = await aQueueOf(pool, CHATS);
    const moves = app.get(ChatMoves);
    const begun = performance.now();
    const outcome = await race(operators, chats, async (operator, chatId) => void (await moves.take(operator, chatId)));
    const seconds = (performance.now() - begun) / 1000;
    expect(contested(outcome)).toBe(0);
    for (const { chatId, error } of outcome.refusals) {
      expect(['CHAT_ALREADY_TAKEN', 'OPERATOR_AT_CAPACITY']).toContain(error.code);
      if (error.code === 'CHAT_ALREADY_TAKEN')
        expect(error.details).toMatchObject({ operatorId: outcome.winners.get(chatId)?.[0] });
    }
    const held = await pool.query<{ holders: number; most: number; chats: number }>(`
      SELECT count(*)::int AS holders, max(count)::int AS most, sum(count)::int AS chats FROM (
        SELECT count(*) FROM support_chats WHERE status = 'in_progress' GROUP BY operator_id) held`);
    expect(held.rows[0]).toMatchObject({ chats: CHATS });
    expect(held.rows[0]?.most).toBeLessThanOrEqual(CAPACITY);
    const audit = await pool.query<{ count: number }>(
      `SELECT count(*)::int AS count FROM audit_entries WHERE action = 'chat.taken'`,
    );
    expect(audit.rows[0]?.count).toBe(CHATS);
    const codes = Object.groupBy(outcome.refusals, ({ error }) => error.code);
    console.info(
      `${OPERATORS} operators x ${CHATS} chats in ${seconds.toFixed(1)} s: one winner each, most held ${held.rows[0]?.most} of ${CAPACITY}; ` +
        Object.entries(codes)
          .map(([code, list]) => `${code} ${list?.length}`)
          .join(', '),
    );
  }, 300_000);

  it('would get some of them twice if they read before they write (the test can fail)', async () => {
    const operators = await aDeskOf(pool, CONTROL.operators, 1000);
    const chats = await aQueueOf(pool, CONTROL.chats);
    const outcome = await race(operators, chats, async ({ userId }, chatId) => {
      const { rows } = await pool.query<{ status: string }>('SELECT status FROM support_chats WHERE id = $1', [chatId]);
      if (rows[0]?.status !== 'waiting') throw new AppError('CHAT_ALREADY_TAKEN');
      const taken = `UPDATE support_chats SET status = 'in_progress', operator_id = $2 WHERE id = $1`;
      await pool.query(taken, [chatId, userId]);
    });
    console.info(`Read, then write: ${contested(outcome)} of ${CONTROL.chats} chats have more than one winner.`);
    expect(contested(outcome)).toBeGreaterThan(0);
  }, 60_000);
});

/** The same order for everybody but for some places: a queue that all look at from its top. */
function nearlyTheSame(chats: readonly string[], random: Random): string[] {
  const pieces: string[] = [];
  for (let place = 0; place < chats.length; place += 5) {
    const piece = chats.slice(place, place + 5).map((chat) => ({ chat, at: random.next() }));
    pieces.push(...piece.sort((a, b) => a.at - b.at).map(({ chat }) => chat));
  }
  return pieces;
}
