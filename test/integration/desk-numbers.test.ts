import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import type { StatsResponse } from '../../src/operators/dto/desk.dto.js';
import { DeskStatsRepository } from '../../src/operators/desk-stats.repository.js';
import { SlaService } from '../../src/operators/sla.service.js';
import { SupportChatsRepository } from '../../src/operators/support-chats.repository.js';
import { DomainEventBus } from '../../src/events/domain-event-bus.js';
import { Desk } from '../support/desk.js';
import { aDeskOf } from '../support/desk-rows.js';

const CHATS = 100_000;
const OPERATORS = 50;
/** How many times as long as counting the chats of each operator the sums may take; the machine may be busy. */
const MOST_RATIO = 5;
const TRIES = 15;
/** The bare limit: what no sum over each operator's chats can do without. */
const COUNTS = 'SELECT status, operator_id, count(*) FROM support_chats GROUP BY status, operator_id';

describe('the numbers of a desk', () => {
  let desk: Desk;
  let pool: pg.Pool;

  beforeAll(async () => {
    desk = await Desk.start({ SLA_FIRST_RESPONSE_S: '60' });
    pool = new pg.Pool({ connectionString: desk.app.database.url, max: 2 });
  });
  afterAll(async () => {
    await pool.end();
    await desk.close();
  });

  it('are those of the chats, in seconds', async () => {
    const operator = await desk.operator();
    const chats = [await desk.waiting(), await desk.waiting(), await desk.waiting()] as const;
    for (const { chatId } of chats.slice(0, 2)) {
      await operator.move(chatId, 'take');
      await operator.reply(chatId, 'Hello');
    }
    await operator.move(chats[0].chatId, 'close');
    await pool.query(
      `UPDATE support_chats SET escalated_at = first_response_at - interval '4 seconds' WHERE first_response_at IS NOT NULL`,
    );
    await pool.query(
      `UPDATE support_chats SET closed_at = escalated_at + interval '90 seconds', rating = 4 WHERE status = 'closed'`,
    );
    await operator.me({ status: 'online' });
    const { body } = await desk.admin.get<StatsResponse>('/api/stats');
    expect(body).toMatchObject({
      total_chats: 3,
      waiting_chats: 1,
      in_progress_chats: 1,
      closed_chats: 1,
      active_operators: 1,
      avg_response_time: 4,
      avg_resolution_time: 90,
      avg_rating: 4,
    });
    expect(body.operators.find(({ operator_id }) => operator_id === operator.id)).toMatchObject({
      in_progress_chats: 1,
      closed_chats: 1,
      avg_resolution_time: 90,
    });
    const { body: metrics } = await desk.admin.get<string>('/metrics', { accept: 'text/plain' });
    expect(metrics).toMatch(/^parley_support_chats_waiting 1$/m);
    expect(metrics).toMatch(/^parley_support_chats_in_progress 1$/m);
    expect(metrics).toMatch(/^parley_operators_online 1$/m);
  });

  it('tell once of each call for a human that nobody answered in time', async () => {
    const late = await desk.waiting();
    const answered = await desk.waiting();
    const operator = await desk.operator();
    await operator.move(answered.chatId, 'take');
    await operator.reply(answered.chatId, 'Here');
    const told: string[] = [];
    desk.app.get(DomainEventBus).subscribe('support-chat.sla-breached', ({ chatId }) => void told.push(chatId));
    await pool.query(`UPDATE support_chats SET escalated_at = now() - interval '61 seconds' WHERE id = ANY ($1)`, [
      [late.chatId, answered.chatId],
    ]);
    await desk.app.get(SlaService).sweep();
    await desk.app.get(SlaService).sweep();
    expect(told).toEqual([late.chatId]);
    expect((await operator.chat(late.chatId)).sla_breached_at).not.toBeNull();
    const audit = await desk.admin.get<unknown[]>(`/api/audit?subject_id=${late.chatId}&action=chat.sla-breached`);
    expect(audit.body).toHaveLength(1);
  });

  it(`are summed over ${CHATS} chats in one pass`, async () => {
    const ids = (await aDeskOf(pool, OPERATORS, 100)).map(({ userId }) => userId);
    await pool.query(
      `WITH wanted AS (SELECT gen_random_uuid() AS id, place FROM generate_series(1, $1) place),
            people AS (INSERT INTO customers (id, telegram_chat_id, first_name) SELECT id, 9000000 + place, 'N' || place FROM wanted),
            talks AS (INSERT INTO conversations (id, kind) SELECT id, 'telegram' FROM wanted)
       INSERT INTO support_chats (id, source, customer_id, status, operator_id, escalated_at, first_response_at, closed_at, rating, updated_at)
       SELECT id, 'telegram', id, (CASE WHEN place % 20 = 0 THEN 'waiting' WHEN place % 10 = 1 THEN 'bot' ELSE 'closed' END)::"SupportChatStatus",
              CASE WHEN place % 20 = 0 OR place % 10 = 1 THEN NULL ELSE ($2::uuid[])[place % array_length($2::uuid[], 1) + 1] END,
              now() - interval '1 hour', now() - interval '59 minutes', now() - interval '30 minutes', place % 5 + 1,
              now() - place * interval '1 second'
       FROM wanted`,
      [CHATS, ids],
    );
    await pool.query('VACUUM ANALYZE support_chats');
    const stats = desk.app.get(DeskStatsRepository);
    const times: number[] = [];
    const bare: number[] = [];
    for (let turn = 0; turn < TRIES; turn++) {
      const started = performance.now();
      await pool.query(COUNTS);
      bare.push(performance.now() - started);
      const begun = performance.now();
      const rows = await stats.sums();
      times.push(performance.now() - begun);
      expect(rows.reduce((all, { chats }) => all + chats, 0)).toBeGreaterThanOrEqual(CHATS);
    }
    const list = desk.app.get(SupportChatsRepository);
    const begun = performance.now();
    expect(await list.list({}, null, { page: 1, limit: 50 })).toHaveLength(50);
    const listed = performance.now() - begun;
    const [least, counted] = [Math.min(...times), Math.min(...bare)];
    console.info(
      `sums over ${CHATS} chats: least ${least.toFixed(1)} ms (counted in ${counted.toFixed(1)} ms: x${(least / counted).toFixed(1)}); ` +
        `a page of the list: ${listed.toFixed(1)} ms`,
    );
    expect(least / counted).toBeLessThan(MOST_RATIO);
  }, 120_000);
});

describe('a desk that gives chats away by itself', () => {
  let desk: Desk;

  beforeAll(async () => {
    desk = await Desk.start({ OPERATOR_AUTO_ASSIGN: 'true' });
  });
  afterAll(() => desk.close());

  it('gives a burst evenly to those who are online, within what they can hold, and the rest when there is room', async () => {
    const [one, two, small, away] = [
      await desk.operator('operator', 10),
      await desk.operator('operator', 10),
      await desk.operator('operator', 2),
      await desk.operator('operator', 10),
    ];
    for (const operator of [one, two, small]) await operator.me({ status: 'online' });
    await away.me({ status: 'away' });
    const customers = await Promise.all(Array.from({ length: 12 }, () => desk.waiting()));
    const bus = desk.app.get(DomainEventBus);
    await bus.settled();
    const loads = async () => {
      const operators = await desk.admin.get<{ id: string; active_chats: number }[]>('/api/operators');
      return [one, two, small, away].map(({ id }) => operators.body.find((it) => it.id === id)?.active_chats);
    };
    expect(await loads()).toEqual([5, 5, 2, 0]);
    await Promise.all(Array.from({ length: 12 }, () => desk.waiting()));
    await bus.settled();
    expect(await loads()).toEqual([10, 10, 2, 0]);
    expect(await desk.admin.chats('?status=waiting')).toHaveLength(2);
    const held = (await Promise.all(customers.map(({ chatId }) => desk.admin.chat(chatId)))).find(
      ({ operator_id }) => operator_id === small.id,
    );
    await small.move(held?.id ?? '', 'close');
    await bus.settled();
    expect(await loads()).toEqual([10, 10, 2, 0]);
    expect(await desk.admin.chats('?status=waiting')).toHaveLength(1);
    const audit = await desk.admin.get<{ actor_id: null }[]>('/api/audit?action=chat.assigned&limit=100');
    expect(audit.body).toHaveLength(23);
  });
});
