import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { writeDeskCursor } from '../../src/operators/desk-changes.js';
import { DeskLogService } from '../../src/operators/desk-log.service.js';
import { UnitOfWork } from '../../src/prisma/unit-of-work.js';
import { Desk, type DeskCustomer } from '../support/desk.js';
import { Random, seed } from '../support/random.js';

const WRITERS = 8;
const MESSAGES = 40;
const LONGEST_PAUSE_MS = 12;

describe('the log of the desk', () => {
  let desk: Desk;
  let log: DeskLogService;
  let pool: pg.Pool;

  beforeAll(async () => {
    desk = await Desk.start({ SLA_FIRST_RESPONSE_S: '0' });
    log = desk.app.get(DeskLogService);
    pool = new pg.Pool({ connectionString: desk.app.database.url, max: 2 });
  });
  afterAll(async () => {
    await pool.end();
    await desk.close();
  });

  /** Says things; a part of the transactions waits before the commit. */
  async function talk(customer: DeskCustomer, random: Random, said: string[]): Promise<void> {
    for (let count = 0; count < MESSAGES; count++) {
      const text = `${customer.chatId} ${count}`;
      await desk.app.get(UnitOfWork).run(async () => {
        await customer.say(text);
        if (random.chance(0.4)) await sleep(random.between(1, LONGEST_PAUSE_MS));
      });
      said.push(text);
    }
  }

  it('misses nothing for a reader that goes on from the horizon, whatever order transactions end in', async () => {
    const random = new Random(seed());
    const customers = await Promise.all(Array.from({ length: WRITERS }, () => desk.waiting()));
    const said: string[] = [];
    const seen = { horizon: new Set<string>(), newest: new Set<string>() };
    const { position } = await log.positionOf(0);
    let [horizon, newest] = [position.changedIn, position.changedIn];
    let isOver = false;
    const read = async () => {
      const page = await log.read(horizon);
      for (const { content } of page.messages) seen.horizon.add(content);
      horizon = page.horizon;
      // The control: a reader that goes on after the newest change that it saw, as one does with ids of a sequence.
      const naive = await log.read(newest);
      for (const { content } of naive.messages) seen.newest.add(content);
      newest = Math.max(newest, ...naive.changes.map(({ changedIn }) => changedIn + 1));
    };
    const reader = (async () => {
      while (!isOver) await read();
      await read();
    })();
    await Promise.all(customers.map((customer) => talk(customer, new Random(random.between(0, 1e9)), said)));
    isOver = true;
    await reader;
    const missed = (by: Set<string>) => said.filter((text) => !by.has(text)).length;
    console.info(
      `seed ${random.seed}: of ${said.length} messages the log missed ${missed(seen.horizon)}, a cursor after the newest change ${missed(seen.newest)}`,
    );
    expect(missed(seen.horizon)).toBe(0);
    expect(missed(seen.newest)).toBeGreaterThan(0);
  }, 120_000);

  it('notes everything that a desk shows, whoever writes it', async () => {
    const operator = await desk.operator();
    const { chatId } = await desk.waiting();
    const notes = async (work: () => Promise<unknown>) => {
      const { horizon } = await log.read(Number.MAX_SAFE_INTEGER);
      await work();
      return (await log.read(horizon)).changes.filter((change) => change.chatId === chatId);
    };
    const waiting = { status: 'waiting', operatorId: null };
    const held = { status: 'in_progress', operatorId: operator.id };
    expect(await notes(() => operator.move(chatId, 'take'))).toMatchObject([
      { isChanged: true, former: waiting, now: held },
    ]);
    expect(await notes(() => operator.patch(`/api/chats/${chatId}`, { tags: ['tea'] }))).toMatchObject([
      { former: held },
    ]);
    expect(await notes(() => operator.post(`/api/chats/${chatId}/notes`, { text: 'hm' }))).toMatchObject([
      { isChanged: true },
    ]);
    const replied = await notes(() => operator.reply(chatId, 'hello'));
    expect(replied.some(({ baseSeq }) => baseSeq !== null)).toBe(true);
    const blocked = () =>
      pool.query(
        'UPDATE customers SET is_blocked = true WHERE id = (SELECT customer_id FROM support_chats WHERE id = $1)',
        [chatId],
      );
    expect(await notes(blocked)).toMatchObject([{ isChanged: true, baseSeq: null }]);
    const gone = () => pool.query('DELETE FROM conversations WHERE id = $1', [chatId]);
    expect(await notes(gone)).toMatchObject([{ former: held, now: null }]);
  });

  it('says so when it cannot tell everything since a cursor', async () => {
    const { position } = await log.positionOf(Date.now());
    expect((await log.positionOf(writeDeskCursor(position))).isWhole).toBe(true);
    const { epoch, changedIn } = position;
    const wrong = [
      writeDeskCursor({ epoch: '00000000', changedIn }),
      writeDeskCursor({ epoch, changedIn: changedIn + 1_000_000 }),
      'garbage',
      new Date(Date.now() - 30 * 86_400_000).toISOString(),
    ];
    for (const since of wrong) expect([since, (await log.positionOf(since)).isWhole]).toEqual([since, false]);
    await pool.query(`UPDATE desk_changes SET changed_at = now() - interval '8 days'`);
    await desk.app.get(DeskLogService).prune();
    expect((await log.positionOf(0)).isWhole).toBe(false);
    expect((await log.positionOf(writeDeskCursor({ epoch, changedIn: 1 }))).isWhole).toBe(false);
    expect((await log.positionOf(Date.now())).isWhole).toBe(true);
  });
});
