import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { BotApi } from '../support/bot-api.js';
import { TestApp } from '../support/app.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { telegramEnvironment } from '../support/telegram-world.js';

let database: TestDatabase;
let api: BotApi;
const nodes: TestApp[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  api = await BotApi.start({ timeScale: 20 });
});

afterAll(async () => {
  for (const node of nodes) await node.stop();
  await api.stop();
  await database.drop();
});

const start = async (overrides: Record<string, string> = {}): Promise<TestApp> => {
  const node = await TestApp.start({ ...telegramEnvironment(api), TELEGRAM_POLLING: 'true', ...overrides }, database);
  nodes.push(node);
  return node;
};

const answered = (chatId: number, text: string) => api.seenIn(chatId).some((message) => message.text.includes(text));

describe('long polling', () => {
  it('is done by one of several nodes, another one takes over, and nothing is lost or doubled', async () => {
    const [first] = [await start(), await start()];
    for (let n = 0; n < 20; n++) api.feed.say(100 + n, `early-${n}`);
    await eventually(
      () => Array.from({ length: 20 }, (_, n) => answered(100 + n, `early-${n}`)).every(Boolean),
      30_000,
    );
    await nodes.splice(nodes.indexOf(first as TestApp), 1)[0]?.stop();
    for (let n = 0; n < 20; n++) api.feed.say(200 + n, `late-${n}`);
    await eventually(() => Array.from({ length: 20 }, (_, n) => answered(200 + n, `late-${n}`)).every(Boolean), 30_000);
    for (let n = 0; n < 20; n++) expect(api.seenIn(200 + n)).toHaveLength(1);
    const conflicts = api.callsOf('getUpdates').filter(({ status }) => status === 409);
    console.log(`${api.callsOf('getUpdates').length} polls, ${conflicts.length} conflicts`);
    expect(conflicts).toHaveLength(0);
  });

  it('begins again after failures of the Bot API', async () => {
    if (nodes.length === 0) await start();
    let left = 3;
    api.react = (call) => (call.method === 'getUpdates' && left-- > 0 ? { drop: 'before' } : undefined);
    api.feed.say(300, 'after-the-storm');
    await eventually(() => answered(300, 'after-the-storm'), 30_000);
  });
});

describe('the webhook at the start', () => {
  it('is registered with its secret once Telegram can be reached, and the start does not wait', async () => {
    const other = await BotApi.start();
    let refusals = 2;
    other.react = (call) =>
      call.method === 'setWebhook' && refusals-- > 0 ? { ok: false, error_code: 500, description: 'no' } : undefined;
    const own = await createTestDatabase();
    const app = await TestApp.start(
      { ...telegramEnvironment(other), TELEGRAM_WEBHOOK_URL: 'https://chat.example.com' },
      own,
    );
    const webhook = await eventually(() => other.feed.webhook, 20_000);
    expect(webhook).toMatchObject({
      url: 'https://chat.example.com/telegram/webhook',
      secret: telegramEnvironment(other)['TELEGRAM_WEBHOOK_SECRET'],
    });
    expect(webhook.allowed).toContain('callback_query');
    await app.stop();
    await other.stop();
    await own.drop();
  });
});
