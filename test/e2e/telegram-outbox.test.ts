import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ChannelMessages } from '../../src/messages/channel-messages.service.js';
import { CustomersService } from '../../src/operators/customers.service.js';
import { PrismaService } from '../../src/prisma/prisma.service.js';
import { failure, tooManyRequests, type Call } from '../support/bot-api.js';
import { eventually } from '../support/eventually.js';
import { Stopwatch } from '../support/stopwatch.js';
import { TelegramWorld } from '../support/telegram-world.js';

let world: TelegramWorld;
let lastChat = 1000;

beforeAll(async () => {
  world = await TelegramWorld.start({ LOG_LEVEL: process.env['SHOW_LOG'] ?? 'silent' });
});

afterAll(() => world.close());

async function aChat(): Promise<{ chatId: number; conversationId: string }> {
  const chatId = ++lastChat;
  const person = { telegramChatId: chatId, telegramId: chatId, username: null, firstName: 'Ada', lastName: null };
  const { conversationId } = await world.app.get(CustomersService).admit({ ...person, languageCode: 'en' });
  return { chatId, conversationId };
}

const say = (conversationId: string, text: string) => world.app.get(ChannelMessages).announce(conversationId, text);
const textsIn = (chatId: number) => world.api.seenIn(chatId).map(({ text }) => text);

async function stateOf(messageId: string): Promise<unknown> {
  const row = await world.app.get(PrismaService).db.message.findUniqueOrThrow({ where: { id: messageId } });
  return (row.metadata as { delivery: { state: string } }).delivery.state;
}

const ended = (messageId: string) =>
  eventually(async () => ((await stateOf(messageId)) === 'queued' ? null : stateOf(messageId)), 20_000);

/** Reacts to the first `reactions.length` sends to a chat. */
function script(chatId: number, ...reactions: NonNullable<Awaited<ReturnType<typeof world.api.react>>>[]): Call[] {
  const calls: Call[] = [];
  const former = world.api.react;
  world.api.react = (call) => {
    if (call.method !== 'sendMessage' || call.payload['chat_id'] !== chatId) return former(call);
    calls.push(call);
    return reactions[calls.length - 1];
  };
  return calls;
}

describe('the outbox', () => {
  it('sends what is said in a conversation, in order, and notes that', async () => {
    const { chatId, conversationId } = await aChat();
    const messages: { id: string; metadata?: unknown }[] = [];
    for (let n = 1; n <= 10; n++) messages.push(await say(conversationId, `number ${n}`));
    expect(messages[0]?.metadata).toMatchObject({ delivery: { state: 'queued' } });
    for (const { id } of messages) expect(await ended(id)).toBe('sent');
    expect(textsIn(chatId)).toEqual(Array.from({ length: 10 }, (_, n) => `number ${n + 1}`));
  });

  it('keeps the order of each chat and serves chats side by side', async () => {
    const former = world.api.react;
    world.api.react = (call) => (call.method === 'sendMessage' ? { delayMs: 80 + Math.random() * 80 } : former(call));
    const chats = await Promise.all(Array.from({ length: 20 }, aChat));
    const startedAt = performance.now();
    await Promise.all(
      chats.map(async ({ conversationId }) => {
        for (let n = 0; n < 10; n++) await say(conversationId, `${n}`);
      }),
    );
    await eventually(() => chats.every(({ chatId }) => world.api.seenIn(chatId).length === 10), 60_000);
    const tookMs = performance.now() - startedAt;
    world.api.react = former;
    const calls = world.api
      .callsOf('sendMessage')
      .filter((call) => chats.some((it) => it.chatId === call.payload['chat_id']));
    const serialMs = calls.reduce((sum, call) => sum + (call.answeredAt ?? 0) - call.at, 0);
    const inversions = chats.filter(({ chatId }) => textsIn(chatId).join('') !== '0123456789').length;
    console.log(
      `20 chats x 10: ${tookMs.toFixed(0)} ms, one after another ${serialMs.toFixed(0)} ms: ` +
        `${(serialMs / tookMs).toFixed(1)} times as fast, ${inversions} inversions`,
    );
    expect(inversions).toBe(0);
    // How much that is worth depends on the machine; that many are under way at once does not.
    const atOnce = Math.max(
      ...calls.map(({ at }) => calls.filter((it) => it.at <= at && at < (it.answeredAt ?? 0)).length),
    );
    expect(atOnce).toBeGreaterThanOrEqual(5);
  });

  it('lets only the chat wait that Telegram asks to wait', async () => {
    const slow = await aChat();
    const quick = await aChat();
    const calls = script(slow.chatId, tooManyRequests(2));
    const held = await say(slow.conversationId, 'first');
    await say(slow.conversationId, 'second');
    await eventually(() => calls.length === 1);
    const watch = new Stopwatch();
    expect(await ended((await say(quick.conversationId, 'meanwhile')).id)).toBe('sent');
    expect(watch.ms()).toBeLessThan(1_900);
    expect(await ended(held.id)).toBe('sent');
    await eventually(() => world.api.seenIn(slow.chatId).length === 2);
    expect(textsIn(slow.chatId)).toEqual(['first', 'second']);
    expect((calls[1]?.at ?? 0) - (calls[0]?.at ?? 0)).toBeGreaterThanOrEqual(2_000);
  });

  it('tries again after failures of the server, and keeps the order', async () => {
    const { chatId, conversationId } = await aChat();
    const calls = script(chatId, failure(502, 'Bad Gateway'), failure(500, 'Internal Server Error'));
    const first = await say(conversationId, 'first');
    const second = await say(conversationId, 'second');
    expect(await ended(first.id)).toBe('sent');
    expect(await ended(second.id)).toBe('sent');
    expect(textsIn(chatId)).toEqual(['first', 'second']);
    expect(calls).toHaveLength(4);
  });

  it('does not knock at a customer who blocked the bot, until they come back', async () => {
    const { chatId, conversationId } = await aChat();
    world.api.chats.of(chatId).isBlocked = true;
    const calls = script(chatId);
    const messages = [await say(conversationId, 'one'), await say(conversationId, 'two')];
    for (const { id } of messages) expect(await ended(id)).toBe('failed');
    expect(calls.length).toBe(1);
    const customer = await world.app.get(CustomersService).findByChat(conversationId);
    expect(customer?.isBlocked).toBe(true);
    world.api.chats.of(chatId).isBlocked = false;
    world.api.feed.say(chatId, '/start');
    await eventually(() => world.api.seenIn(chatId).length === 1);
    expect(textsIn(chatId)).toEqual(['Good to see you again. What can we do for you?']);
  });

  it('follows a group that moved, and sends once', async () => {
    const { chatId, conversationId } = await aChat();
    const moved = -1_000_000_000_000 - chatId;
    world.api.chats.of(chatId).migratedTo = moved;
    const message = await say(conversationId, 'are you there?');
    expect(await ended(message.id)).toBe('sent');
    expect(textsIn(moved)).toEqual(['are you there?']);
    expect((await world.app.get(CustomersService).findByChat(conversationId))?.telegramChatId).toBe(moved);
  });

  it('notes as failed what Telegram refuses, and goes on', async () => {
    const { chatId, conversationId } = await aChat();
    script(chatId, failure(400, 'Bad Request: message is too strange'));
    const refused = await say(conversationId, 'strange');
    const next = await say(conversationId, 'plain');
    expect(await ended(refused.id)).toBe('failed');
    expect(await ended(next.id)).toBe('sent');
    expect(textsIn(chatId)).toEqual(['plain']);
  });

  it('repeats once a send of which nobody knows whether it arrived, and counts that', async () => {
    const lost = await aChat();
    const doubled = await aChat();
    script(lost.chatId, { drop: 'before' });
    script(doubled.chatId, { drop: 'after' });
    const [a, b] = [await say(lost.conversationId, 'a'), await say(doubled.conversationId, 'b')];
    expect(await ended(a.id)).toBe('sent');
    expect(await ended(b.id)).toBe('sent');
    expect(textsIn(lost.chatId)).toEqual(['a']);
    expect(textsIn(doubled.chatId)).toEqual(['b', 'b']);
    const rows = await world.app
      .get(PrismaService)
      .db.telegramOutgoing.findMany({ where: { messageId: { in: [a.id, b.id] } }, select: { repeats: true } });
    expect(rows.map(({ repeats }) => repeats)).toEqual([1, 1]);
  });

  it('says that it does not know, when a repetition ends like that too, and goes on', async () => {
    const { chatId, conversationId } = await aChat();
    script(chatId, { drop: 'before' }, { drop: 'before' });
    const message = await say(conversationId, 'perhaps');
    const next = await say(conversationId, 'surely');
    expect(await ended(message.id)).toBe('unknown');
    expect(await ended(next.id)).toBe('sent');
    expect(textsIn(chatId)).toEqual(['surely']);
  });

  it('loses nothing while Telegram is away', async () => {
    const { chatId, conversationId } = await aChat();
    await world.api.goAway();
    const messages: { id: string; metadata?: unknown }[] = [];
    for (let n = 0; n < 5; n++) messages.push(await say(conversationId, `${n}`));
    await eventually(async () => {
      const row = await world.app
        .get(PrismaService)
        .db.telegramOutgoing.findFirst({ where: { messageId: messages[0]!.id }, select: { attempts: true } });
      return (row?.attempts ?? 0) > 0;
    });
    await world.api.comeBack();
    await eventually(() => world.api.seenIn(chatId).length >= 5, 20_000);
    expect(textsIn(chatId)).toEqual(['0', '1', '2', '3', '4']);
  });

  it('cuts a long text into messages that are the whole of it together', async () => {
    const { chatId, conversationId } = await aChat();
    const text = Array.from({ length: 1200 }, (_, n) => `word${n} 😀`).join(' ');
    expect(text.length).toBeGreaterThan(10_000);
    const message = await say(conversationId, text);
    expect(await ended(message.id)).toBe('sent');
    expect(textsIn(chatId).length).toBeGreaterThan(2);
    expect(textsIn(chatId).join('')).toBe(text);
  });
});
