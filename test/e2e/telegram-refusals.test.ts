import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { PrismaService } from '../../src/prisma/prisma.service.js';
import { failure, type Call, type Reaction } from '../support/bot-api.js';
import { eventually } from '../support/eventually.js';
import { ScriptedOpenAi } from '../support/scripted-openai.js';
import { TelegramWorld } from '../support/telegram-world.js';

let world: TelegramWorld;
let model: ScriptedOpenAi;
let lastChat = 6_000_000;

beforeAll(async () => {
  model = await ScriptedOpenAi.start();
  world = await TelegramWorld.start({
    OPENAI_BASE_URL: model.baseUrl,
    OPENAI_API_KEY: 'sk-test',
    LOG_LEVEL: process.env['SHOW_LOG'] ?? 'silent',
  });
});

beforeEach(() => {
  world.api.react = () => undefined;
  world.api.unknownMethods.clear();
});

afterAll(async () => {
  await world.close();
  await model.stop();
});

const seen = (chatId: number) => world.api.seenIn(chatId).map(({ text, entities }) => ({ text, entities }));
const callsTo = (chatId: number, method: string): Call[] =>
  world.api.callsOf(method).filter(({ payload }) => payload['chat_id'] === chatId);

/** How the newest message of this role ended, once it has. */
async function delivery(chatId: number, role: 'assistant' | 'system'): Promise<{ state: string; error?: string }> {
  return eventually(async () => {
    const message = await world.app.get(PrismaService).db.message.findFirst({
      where: { role, conversation: { supportChat: { customer: { telegramChatId: BigInt(chatId) } } } },
      orderBy: { seq: 'desc' },
    });
    const { delivery } = (message?.metadata ?? {}) as { delivery?: { state: string; error?: string } };
    return delivery === undefined || delivery.state === 'queued' ? null : delivery;
  }, 20_000);
}

/** Refuses what carries entities, as Telegram does with ones that it cannot read. */
function refuseEntities(chatId: number, methods: readonly string[], reason: string): void {
  world.api.react = ({ method, payload }): Reaction | undefined => {
    const entities = payload['entities'];
    if (payload['chat_id'] !== chatId || !methods.includes(method)) return undefined;
    return Array.isArray(entities) && entities.length > 0 ? failure(400, `Bad Request: ${reason}`) : undefined;
  };
}

describe('what Telegram refuses', () => {
  it.each([
    "can't parse entities: Can't find end of the entity starting at byte offset 7",
    "can't parse entities in message text: unclosed start tag at byte offset 3",
    'ENTITY_BOUNDS_INVALID',
  ])('is sent once as plain text when it is the entities: %s', async (reason) => {
    model.script({ deltas: ['A **bold** and `odd` answer'] });
    const chatId = ++lastChat;
    refuseEntities(chatId, ['sendMessage'], reason);
    world.api.feed.say(chatId, 'Say something bold');
    expect(await delivery(chatId, 'assistant')).toEqual({ state: 'sent' });
    expect(seen(chatId)).toEqual([{ text: 'A bold and odd answer', entities: [] }]);
    expect(callsTo(chatId, 'sendMessage').map(({ status }) => status)).toEqual([400, 200]);
  });

  it('becomes plain text also where the answer was shown while it was written', async () => {
    model.script({ deltas: ['A **bold** ', 'answer ', 'that ', 'grows'], everyMs: 700 });
    const chatId = ++lastChat;
    world.api.unknownMethods.add('sendMessageDraft');
    refuseEntities(chatId, ['sendMessage', 'editMessageText'], "can't parse entities");
    world.api.feed.say(chatId, 'Show me');
    expect(await delivery(chatId, 'assistant')).toEqual({ state: 'sent' });
    expect(seen(chatId)).toEqual([{ text: 'A bold answer that grows', entities: [] }]);
  });

  it('is failed with the reason when it is too long, and the next message goes out', async () => {
    model.script({ deltas: ['An answer'] });
    const chatId = ++lastChat;
    world.api.react = ({ method, payload }) =>
      // On a slow machine a preview of it is shown first.
      method !== 'sendChatAction' && payload['chat_id'] === chatId && String(payload['text']).startsWith('An answer')
        ? failure(400, 'Bad Request: message is too long')
        : undefined;
    world.api.feed.say(chatId, 'How long?');
    expect(await delivery(chatId, 'assistant')).toEqual({
      state: 'failed',
      error: '400 Bad Request: message is too long',
    });
    expect(callsTo(chatId, 'sendMessage').length).toBeLessThanOrEqual(2);
    world.api.feed.say(chatId, '/start');
    expect(await delivery(chatId, 'system')).toEqual({ state: 'sent' });
    expect(seen(chatId)).toHaveLength(1);
  });
});
