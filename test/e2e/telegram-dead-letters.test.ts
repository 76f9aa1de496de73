import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PrismaService } from '../../src/prisma/prisma.service.js';
import type { DeadLetterResponse } from '../../src/telegram/dto/dead-letter.dto.js';
import { BotApi } from '../support/bot-api.js';
import { Desk } from '../support/desk.js';
import { eventually } from '../support/eventually.js';
import { telegramEnvironment, WEBHOOK_SECRET } from '../support/telegram-world.js';

const PATH = '/api/telegram/dead-letters';

let api: BotApi;
let desk: Desk;
let lastChat = 2_000_000;

beforeAll(async () => {
  api = await BotApi.start();
  desk = await Desk.start(telegramEnvironment(api));
  api.feed.setWebhook({ url: `${desk.app.url}/telegram/webhook`, secret_token: WEBHOOK_SECRET });
  // What a mistake of ours would look like; `mend` is its correction.
  await db().$executeRawUnsafe(
    `CREATE FUNCTION refuse_poison() RETURNS trigger LANGUAGE plpgsql AS
       $$ BEGIN IF NEW.content LIKE 'poison%' THEN RAISE EXCEPTION 'this text is poison'; END IF; RETURN NEW; END $$`,
  );
  await db().$executeRawUnsafe(
    'CREATE TRIGGER poison BEFORE INSERT ON messages FOR EACH ROW EXECUTE FUNCTION refuse_poison()',
  );
});

afterAll(async () => {
  await desk.close();
  await api.stop();
});

const db = () => desk.app.get(PrismaService);
const breakAgain = (isOn: boolean) =>
  db().$executeRawUnsafe(`ALTER TABLE messages ${isOn ? 'ENABLE' : 'DISABLE'} TRIGGER poison`);
const list = async (query = '') => (await desk.admin.get<DeadLetterResponse[]>(PATH + query)).body;

/** A customer whose first message was put aside and whose second one was not. */
async function poisoned(text = 'poison'): Promise<{ updateId: number; chatId: number }> {
  const chatId = ++lastChat;
  const { update_id: updateId } = api.feed.say(chatId, text);
  const { update_id: next } = api.feed.say(chatId, '/operator');
  await eventually(() => api.feed.accepted.has(next));
  return { updateId, chatId };
}

const said = (chatId: number) =>
  db().message.findMany({
    where: { role: 'customer', conversation: { supportChat: { customer: { telegramChatId: BigInt(chatId) } } } },
    orderBy: { seq: 'asc' },
    select: { content: true },
  });
const redrive = (updateId: number | string) => desk.admin.post(`${PATH}/${updateId}/redrive`);
const audit = async (action: string) =>
  (await desk.admin.get<{ actor_id: string; data: { updateId: number } }[]>(`/api/audit?action=${action}`)).body;

describe('updates that were put aside', () => {
  it('are listed with what they were and why, the newest first, in pages', async () => {
    const first = await poisoned();
    const second = await poisoned('poison again');
    const letters = await list();
    expect(letters.map(({ update_id }) => update_id)).toEqual([second.updateId, first.updateId]);
    expect(letters[1]).toMatchObject({
      telegram_chat_id: first.chatId,
      kind: 'message',
      payload: { update_id: first.updateId, message: { text: 'poison' } },
    });
    expect(letters[1]?.error).toContain('this text is poison');
    const page = await desk.admin.get<DeadLetterResponse[]>(`${PATH}?limit=1`);
    const cursor = page.headers.get('x-next-cursor') ?? '';
    expect((await list(`?limit=1&cursor=${cursor}`)).map(({ update_id }) => update_id)).toEqual([first.updateId]);
    expect((await desk.admin.get(`${PATH}?cursor=${Buffer.from('["x"]').toString('base64url')}`)).status).toBe(400);
  });

  it('are processed once, whoever asks how often at once, and that is noted', async () => {
    const { updateId, chatId } = await poisoned();
    await breakAgain(false);
    const answers = await Promise.all(Array.from({ length: 10 }, () => redrive(updateId)));
    await breakAgain(true);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array.from({ length: 9 }, () => 404)]);
    expect((await said(chatId)).map(({ content }) => content)).toEqual(['/operator', 'poison']);
    expect((await list()).some(({ update_id }) => update_id === updateId)).toBe(false);
    const lines = (await audit('telegram.redriven')).filter(({ data }) => data.updateId === updateId);
    expect(lines).toHaveLength(1);
    expect(lines[0]?.actor_id).toBe(desk.admin.id);
    const row = await db().telegramUpdate.findUniqueOrThrow({ where: { updateId: BigInt(updateId) } });
    expect(row).toMatchObject({ state: 'done', payload: null, error: null });
  });

  it('stay when they fail again, with the reason and nothing half done', async () => {
    const { updateId, chatId } = await poisoned();
    const answer = await redrive(updateId);
    expect(answer).toMatchObject({ status: 409, body: { code: 'DEAD_LETTER_FAILED', details: { updateId } } });
    expect((await list()).some(({ update_id }) => update_id === updateId)).toBe(true);
    expect(await said(chatId)).toHaveLength(1);
    expect((await audit('telegram.redrive-failed')).map(({ data }) => data.updateId)).toContain(updateId);
    await breakAgain(false);
    expect((await redrive(updateId)).status).toBe(200);
    await breakAgain(true);
  });

  it('are not to be had by anybody but admins', async () => {
    const { updateId } = await poisoned();
    for (const role of ['operator', 'senior_operator'] as const) {
      const other = await desk.operator(role);
      expect((await other.get(PATH)).status).toBe(403);
      expect((await other.post(`${PATH}/${updateId}/redrive`)).status).toBe(403);
    }
    for (const absent of [1, 'x', '99999999999999999999', '-1', '1.5'])
      expect((await redrive(absent)).status).toBe(404);
  });
});
