import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PrismaService } from '../../src/prisma/prisma.service.js';
import { BotApi } from '../support/bot-api.js';
import type { Update } from '../support/bot-api-feed.js';
import { Desk } from '../support/desk.js';
import { eventually } from '../support/eventually.js';
import { ScriptedOpenAi } from '../support/scripted-openai.js';
import { telegramEnvironment, WEBHOOK_SECRET } from '../support/telegram-world.js';

let api: BotApi;
let desk: Desk;
let model: ScriptedOpenAi;
let lastChat = 7_000_000;

beforeAll(async () => {
  api = await BotApi.start();
  model = await ScriptedOpenAi.start();
  desk = await Desk.start({
    ...telegramEnvironment(api),
    OPENAI_BASE_URL: model.baseUrl,
    OPENAI_API_KEY: 'sk-test',
    LOG_LEVEL: process.env['SHOW_LOG'] ?? 'silent',
  });
  api.feed.setWebhook({ url: `${desk.app.url}/telegram/webhook`, secret_token: WEBHOOK_SECRET });
});

afterAll(async () => {
  await desk.close();
  await api.stop();
  await model.stop();
});

const seen = (chatId: number) => api.seenIn(chatId).map(({ text }) => text);
const ofChat = (chatId: number) => ({ supportChat: { customer: { telegramChatId: BigInt(chatId) } } });
const messages = (chatId: number) =>
  desk.app.get(PrismaService).message.findMany({
    where: { conversation: ofChat(chatId) },
    orderBy: { seq: 'asc' },
    select: { id: true, role: true, content: true, status: true, supersededById: true, conversationId: true },
  });
const accepted = (update: Update) => eventually(() => api.feed.accepted.has(update.update_id));
const quiet = () =>
  eventually(
    async () =>
      (await desk.app.get(PrismaService).generation.count({ where: { state: 'running' } })) === 0 &&
      (await desk.app.get(PrismaService).conversation.count({ where: { answerDueSeq: { not: null } } })) === 0 &&
      (await desk.app.get(PrismaService).telegramOutgoing.count({ where: { endedAt: null } })) === 0,
    20_000,
  );
/** What the model was asked last. */
const asked = () => model.calls.at(-1)?.body['messages'] as { role: string; content: string }[];

/** A chat whose question is answered. */
async function answered(question: string): Promise<{ chatId: number; update: Update; calls: number }> {
  model.script({ deltas: ['the first answer'] });
  const chatId = ++lastChat;
  const update = api.feed.say(chatId, question);
  await eventually(() => seen(chatId).length === 1);
  await quiet();
  return { chatId, update, calls: model.calls.length };
}

describe('an edited question', () => {
  it('is answered anew where the assistant has answered it, and the former answer is out of the way', async () => {
    const { chatId, update } = await answered('When does the 14:05 train leave?');
    model.script({ deltas: ['the second answer'] });
    api.feed.editMessage(update, 'When does the 15:04 train leave?');
    await eventually(() => seen(chatId).length === 2);
    await quiet();
    expect(seen(chatId)).toEqual(['the first answer', 'the second answer']);
    expect(JSON.stringify(asked())).not.toContain('the first answer');
    expect(asked().at(-1)).toMatchObject({ role: 'user', content: 'When does the 15:04 train leave?' });
    const [question, former, latter] = await messages(chatId);
    expect(former).toMatchObject({ content: 'the first answer', supersededById: question?.id });
    expect(latter).toMatchObject({ content: 'the second answer', supersededById: null });
  });

  it('stops the answer under way: only the answer to the edited text arrives', async () => {
    model.script({ deltas: Array.from({ length: 40 }, () => 'wrong '), everyMs: 150 });
    const chatId = ++lastChat;
    const update = api.feed.say(chatId, 'Where is order 111?');
    await eventually(() => api.chats.of(chatId).drafts.length > 0);
    model.script({ deltas: ['on its way'] });
    api.feed.editMessage(update, 'Where is order 222?');
    await eventually(() => seen(chatId).length > 0, 20_000);
    await quiet();
    expect(seen(chatId)).toEqual(['on its way']);
    expect((await messages(chatId)).map(({ status }) => status)).toEqual(['complete', 'stopped', 'complete']);
  });

  it('asks nothing when only spaces, capitals or punctuation changed, or when it has no text', async () => {
    const { chatId, update, calls } = await answered('where is my order');
    await accepted(api.feed.editMessage(update, 'Where is my order?!'));
    await quiet();
    expect((await messages(chatId))[0]?.content).toBe('Where is my order?!');
    expect(model.calls).toHaveLength(calls);
    expect(seen(chatId)).toHaveLength(1);
  });

  it('is only noted when something was said since', async () => {
    const { chatId, update } = await answered('How much is a ticket?');
    model.script({ deltas: ['to the second question'] });
    api.feed.say(chatId, 'And for children?');
    await eventually(() => seen(chatId).length === 2);
    await quiet();
    const calls = model.calls.length;
    await accepted(api.feed.editMessage(update, 'How much is a bicycle?'));
    await quiet();
    expect(model.calls).toHaveLength(calls);
    expect((await messages(chatId)).map(({ content }) => content)).toEqual([
      'How much is a bicycle?',
      'the first answer',
      'And for children?',
      'to the second question',
    ]);
  });

  it('is only noted while a human is called or answers, and after one has closed the chat', async () => {
    const { chatId } = await answered('Hello');
    const question = api.feed.say(chatId, 'I want a human');
    await accepted(question);
    await quiet();
    const calls = model.calls.length;
    const id = (await messages(chatId))[0]?.conversationId ?? '';
    expect((await desk.admin.chat(id)).status).toBe('waiting');
    await accepted(api.feed.editMessage(question, 'I want a refund of 10'));
    await desk.admin.move(id, 'take');
    await accepted(api.feed.editMessage(question, 'I want a refund of 20'));
    await desk.admin.move(id, 'close');
    await accepted(api.feed.editMessage(question, 'I want a refund of 30'));
    await quiet();
    expect(model.calls).toHaveLength(calls);
    expect((await desk.admin.messages(id)).map(({ text }) => text)).toContain('I want a refund of 30');
  });

  it('calls a human when that is what it asks for now', async () => {
    const { chatId, update, calls } = await answered('Who are you?');
    await accepted(api.feed.editMessage(update, 'I want to talk to a human'));
    const id = (await messages(chatId))[0]?.conversationId ?? '';
    await eventually(async () => (await desk.admin.chat(id)).status === 'waiting');
    expect(model.calls).toHaveLength(calls);
  });
});
