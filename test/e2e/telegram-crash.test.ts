import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { BotApi } from '../support/bot-api.js';
import { createTestDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { OwnPostgres } from '../support/own-postgres.js';
import { ServerProcess } from '../support/server-process.js';
import { telegramEnvironment, WEBHOOK_SECRET } from '../support/telegram-world.js';

/** `KILLS=200 npm run test:one -- test/e2e/telegram-crash.test.ts` for the long form. */
const KILLS = Number(process.env['KILLS'] ?? 8);
const CUSTOMERS = 500;
const FIRST_CHAT = 20_000;

const cleanups: (() => Promise<unknown>)[] = [];
afterAll(async () => {
  for (const cleanup of cleanups.reverse()) await cleanup();
});

function deliver(api: BotApi, server: ServerProcess): void {
  api.feed.setWebhook({ url: `${server.url}/telegram/webhook`, secret_token: WEBHOOK_SECRET, max_connections: 20 });
}

const question = (chatId: number) => `question-of-${chatId}`;
const answersIn = (api: BotApi, chatId: number) =>
  api.seenIn(chatId).filter(({ text }) => text.includes(question(chatId))).length;

/** Where the server is killed: at the n-th step of this kind. */
const STEPS = [
  'an update arrives',
  'an update is accepted',
  'a draft arrives',
  'a message arrives',
  'a message is sent, its answer lost',
] as const;

describe('Telegram and a server that is killed', () => {
  it(`loses no answer of ${CUSTOMERS} customers; doubles come from the send window alone, and are counted`, async () => {
    const database = await createTestDatabase();
    const api = await BotApi.start();
    cleanups.push(
      () => database.drop(),
      () => api.stop(),
    );
    const environment = {
      ...telegramEnvironment(api),
      DATABASE_URL: database.url,
      AI_LEASE_MS: '1500',
      AI_MAX_RUNNING: '20',
    };
    let server = await ServerProcess.start(environment);
    deliver(api, server);
    const kills = new Map<string, number>();
    let step: string | null = null;
    let countdown = 0;
    const killAt = (at: string): boolean => {
      if (at !== step || --countdown > 0) return false;
      step = null;
      kills.set(at, (kills.get(at) ?? 0) + 1);
      server.signal('SIGKILL');
      return true;
    };
    api.react = (call) => {
      if (call.method === 'sendMessageDraft') killAt('a draft arrives');
      if (call.method !== 'sendMessage') return undefined;
      if (killAt('a message arrives')) return { drop: 'before' };
      return killAt('a message is sent, its answer lost') ? { drop: 'after' } : { delayMs: 20 };
    };
    const watch = setInterval(() => {
      if (api.feed.deliveries.length > seen) killAt('an update is accepted');
      seen = api.feed.deliveries.length;
      if (api.feed.pending > 0) killAt('an update arrives');
    }, 5);
    let seen = 0;
    cleanups.push(() => Promise.resolve(clearInterval(watch)));

    let asked = 0;
    const perKill = Math.ceil(CUSTOMERS / (KILLS + 1));
    const ask = (count: number) => {
      for (let n = 0; n < count && asked < CUSTOMERS; n++)
        api.feed.say(FIRST_CHAT + asked, question(FIRST_CHAT + asked++));
    };
    for (let kill = 0; kill < KILLS; kill++) {
      ask(perKill);
      countdown = 1 + Math.floor(Math.random() * 5);
      step = STEPS[kill % STEPS.length] as string;
      const victim = server;
      const late = setTimeout(() => victim.signal('SIGKILL'), 8_000);
      await victim.exit;
      clearTimeout(late);
      step = null;
      server = await ServerProcess.start(environment);
      deliver(api, server);
      await sleep(Math.random() * 300);
    }
    ask(CUSTOMERS);
    const chats = Array.from({ length: CUSTOMERS }, (_, n) => FIRST_CHAT + n);
    const missing = () => chats.filter((chat) => answersIn(api, chat) === 0);
    await eventually(() => missing().length === 0 && api.feed.pending === 0, 120_000).catch(() => undefined);
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    const settled = async () => {
      const { rows } = await client.query<{ count: number }>(
        'SELECT count(*)::int AS count FROM telegram_outgoing WHERE ended_at IS NULL',
      );
      return rows[0]?.count === 0;
    };
    await eventually(settled, 60_000);
    const { rows } = await client.query<{ questions: number; repeats: number; states: Record<string, number> }>(
      `SELECT (SELECT count(*)::int FROM messages WHERE role = 'customer') AS questions,
              (SELECT coalesce(sum(repeats), 0)::int FROM telegram_outgoing) AS repeats,
              (SELECT json_object_agg(state, count) FROM (SELECT state, count(*) FROM telegram_outgoing GROUP BY 1) s) AS states`,
    );
    await client.end();
    await server.stop();
    const doubles = chats.reduce((sum, chat) => sum + Math.max(0, answersIn(api, chat) - 1), 0);
    const lost = missing();
    console.log(
      `${KILLS} kills (${[...kills].map(([at, count]) => `${at}: ${count}`).join(', ')}), ${CUSTOMERS} customers: ` +
        `${lost.length} lost, ${doubles} doubled, ${rows[0]?.repeats} sends repeated, states ${JSON.stringify(rows[0]?.states)}`,
    );
    expect(lost).toEqual([]);
    expect(rows[0]?.questions).toBe(CUSTOMERS);
    expect(doubles).toBeLessThanOrEqual(rows[0]?.repeats ?? 0);
  }, 900_000);

  it('never says 200 to an update that it cannot store; after the database is back nothing is missing', async () => {
    const postgres = await OwnPostgres.start();
    const api = await BotApi.start();
    const server = await ServerProcess.start({ ...telegramEnvironment(api), DATABASE_URL: postgres.url });
    cleanups.push(
      () => postgres.remove(),
      () => api.stop(),
    );
    deliver(api, server);
    let asked = 0;
    const asking = (async () => {
      while (asked < CUSTOMERS) {
        for (let n = 0; n < 10; n++) api.feed.say(FIRST_CHAT + asked, question(FIRST_CHAT + asked++));
        await sleep(60);
      }
    })();
    await sleep(800);
    await postgres.stopImmediately();
    await sleep(1_500);
    await postgres.startAgain();
    await asking;
    await eventually(() => api.feed.pending === 0, 60_000);
    const chats = Array.from({ length: CUSTOMERS }, (_, n) => FIRST_CHAT + n);
    await eventually(() => chats.every((chat) => answersIn(api, chat) > 0), 120_000).catch(() => undefined);
    const client = new pg.Client({ connectionString: postgres.url });
    await client.connect();
    const { rows } = await client.query<{ stored: number }>(
      `SELECT count(*)::int AS stored FROM messages WHERE role = 'customer'`,
    );
    await client.end();
    await server.stop();
    const statuses = new Map<number, number>();
    for (const { status } of api.feed.deliveries) statuses.set(status, (statuses.get(status) ?? 0) + 1);
    const unanswered = chats.filter((chat) => answersIn(api, chat) === 0).length;
    const doubled = chats.filter((chat) => answersIn(api, chat) > 1).length;
    console.log(
      `${CUSTOMERS} customers while PostgreSQL was away: deliveries by status ${JSON.stringify([...statuses])}, ` +
        `${CUSTOMERS - (rows[0]?.stored ?? 0)} lost, ${unanswered} without an answer, ${doubled} doubled`,
    );
    expect(rows[0]?.stored).toBe(CUSTOMERS);
    expect(unanswered).toBe(0);
    expect([...statuses.keys()].filter((status) => status !== 200 && status !== 503)).toEqual([]);
    expect(statuses.get(503) ?? 0).toBeGreaterThan(0);
    for (const { status, retryAfter } of api.feed.deliveries)
      if (status === 503) expect(Number(retryAfter)).toBeGreaterThan(0);
  }, 300_000);
});
