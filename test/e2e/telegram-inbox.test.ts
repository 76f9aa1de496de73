import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PrismaService } from '../../src/prisma/prisma.service.js';
import { WEBHOOK_SECRET, TelegramWorld } from '../support/telegram-world.js';
import { stalledMs } from '../support/cpu-pressure.js';
import { eventually } from '../support/eventually.js';
import { ScriptedOpenAi } from '../support/scripted-openai.js';

let world: TelegramWorld;
let model: ScriptedOpenAi;
let lastChat = 5_000_000;

beforeAll(async () => {
  model = await ScriptedOpenAi.start();
  world = await TelegramWorld.start({
    OPENAI_BASE_URL: model.baseUrl,
    OPENAI_API_KEY: 'sk-test',
    LOG_LEVEL: process.env['SHOW_LOG'] ?? 'silent',
  });
  // A trigger that refuses one text: what a mistake of ours would look like.
  await world.app.get(PrismaService).$executeRawUnsafe(
    `CREATE FUNCTION refuse_poison() RETURNS trigger LANGUAGE plpgsql AS
       $$ BEGIN IF NEW.content = 'poison' THEN RAISE EXCEPTION 'this text is poison'; END IF; RETURN NEW; END $$`,
  );
  await world.app
    .get(PrismaService)
    .$executeRawUnsafe('CREATE TRIGGER poison BEFORE INSERT ON messages FOR EACH ROW EXECUTE FUNCTION refuse_poison()');
});

afterAll(async () => {
  await world.close();
  await model.stop();
});

const db = () => world.app.get(PrismaService).db;
const seen = (chatId: number) => world.api.seenIn(chatId).map(({ text }) => text);

async function post(body: string, headers: Record<string, string> = {}, path = '/telegram/webhook'): Promise<Response> {
  return fetch(world.app.url + path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'X-Telegram-Bot-Api-Secret-Token': WEBHOOK_SECRET, ...headers },
    body,
  });
}

function update(id: number, chatId: number, text = 'hello'): string {
  const person = { id: chatId, is_bot: false, first_name: 'Ada' };
  const message = { message_id: id, date: 1, from: person, chat: { id: chatId, type: 'private' }, text };
  return JSON.stringify({ update_id: id, message });
}

describe('the webhook', () => {
  it('lets nobody in without the secret, before it reads what they say', async () => {
    const before = await db().telegramUpdate.count();
    const forged = [
      '',
      'x',
      WEBHOOK_SECRET.slice(0, -1),
      `${WEBHOOK_SECRET} `.trimEnd() + '0',
      WEBHOOK_SECRET.toUpperCase(),
    ];
    let accepted = 0;
    for (let round = 0; round < 40; round++) {
      const answers = await Promise.all(
        Array.from({ length: 25 }, (_, n) =>
          post(n % 2 ? 'not { json' : update(900_000 + round * 25 + n, 1), {
            'X-Telegram-Bot-Api-Secret-Token': forged[n % forged.length] as string,
          }),
        ),
      );
      accepted += answers.filter(({ status }) => status !== 401).length;
    }
    const without = await fetch(`${world.app.url}/webhook/telegram`, { method: 'POST', body: update(1, 1) });
    expect(without.status).toBe(401);
    console.log(`1000 forged requests: ${accepted} accepted`);
    expect(accepted).toBe(0);
    expect(await db().telegramUpdate.count()).toBe(before);
  });

  it('takes the same update once, however often it comes at once and on whichever path', async () => {
    model.script({ deltas: ['one answer'] });
    const chatId = ++lastChat;
    const body = update(7_000_001, chatId, 'only once');
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, n) => post(body, {}, n % 2 ? '/webhook/telegram' : '/telegram/webhook')),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 50 }, () => 200));
    await eventually(() => seen(chatId).length > 0);
    expect(await db().message.count({ where: { content: 'only once' } })).toBe(1);
    expect(await db().telegramUpdate.count({ where: { updateId: 7_000_001n } })).toBe(1);
    expect((await post(body)).status).toBe(200);
    expect(seen(chatId)).toEqual(['one answer']);
    expect(model.calls).toHaveLength(1);
  });

  it('answers at once, however long the model takes', async () => {
    model.script({ deltas: ['slow'], everyMs: 1500 });
    const stalledBefore = stalledMs();
    const chats = Array.from({ length: 10 }, () => ++lastChat);
    for (const chat of chats) world.api.feed.say(chat, 'a slow question');
    await eventually(() => chats.every((chat) => seen(chat).length === 1), 20_000);
    const deliveries = world.api.feed.deliveries.filter(({ chatId }) => chats.includes(chatId ?? 0));
    const slowest = Math.max(...deliveries.map(({ ms }) => ms));
    console.log(
      `${deliveries.length} deliveries for ${chats.length} updates, the slowest took ${slowest.toFixed(0)} ms`,
    );
    expect(deliveries).toHaveLength(chats.length);
    expect(slowest).toBeLessThan(1_000 + stalledMs() - stalledBefore);
  });

  it.each([
    ['a channel post', { channel_post: { message_id: 1, chat: { id: -100123, type: 'channel' }, text: 'x' } }],
    ['a kind of tomorrow', { wholly_new: { chat: { id: 5 } } }],
    ['a service message', { message: { message_id: 1, chat: { id: 5, type: 'private' }, new_chat_title: 'x' } }],
    ['nonsense in known fields', { message: { message_id: {}, chat: [], from: 'x', text: 7 } }],
  ])('takes note of %s and does nothing', async (_, content) => {
    const id = 8_000_000 + Math.floor(Math.random() * 1e6);
    expect((await post(JSON.stringify({ update_id: id, ...content }))).status).toBe(200);
    expect(await db().telegramUpdate.findUnique({ where: { updateId: BigInt(id) } })).toMatchObject({
      state: 'ignored',
    });
  });

  it.each([
    ['no update', '{"hello":1}', 400],
    ['no JSON', '{"update_id":', 400],
    ['more than a megabyte', JSON.stringify({ update_id: 1, message: 'x'.repeat(1024 * 1024) }), 413],
    ['an abyss of brackets', `{"update_id":1,"a":${'['.repeat(5000)}${']'.repeat(5000)}}`, 400],
  ])('refuses %s', async (_, body, status) => {
    expect((await post(body)).status).toBe(status);
  });

  it('takes updates that are larger than other requests may be', async () => {
    const chatId = ++lastChat;
    const big = JSON.parse(update(7_100_000, chatId)) as { message: Record<string, unknown> };
    big.message['entities'] = Array.from({ length: 4000 }, (_, n) => ({ type: 'bold', offset: n, length: 1 }));
    expect((await post(JSON.stringify(big))).status).toBe(200);
    expect(await db().customer.count({ where: { telegramChatId: BigInt(chatId) } })).toBe(1);
  });

  it('keeps ids of 52 bits and odd names as they are', async () => {
    const id = 2 ** 52 - 1;
    const name = `\u202e<b>${'😀'.repeat(60)}`;
    world.api.feed.say({ id, first_name: name, username: 'a'.repeat(32) }, 'hi');
    await eventually(() => seen(id).length === 1);
    const customer = await db().customer.findUniqueOrThrow({ where: { telegramChatId: BigInt(id) } });
    expect(customer).toMatchObject({ telegramId: BigInt(id), firstName: name });
  });

  it('puts an update aside that fails five times, and the chat goes on within a second', async () => {
    model.script({ deltas: ['still here'] });
    const chatId = ++lastChat;
    const stalledBefore = stalledMs();
    const poison = world.api.feed.say(chatId, 'poison');
    const next = world.api.feed.say(chatId, 'healthy');
    await eventually(() => world.api.feed.accepted.has(next.update_id));
    const of = (id: number) => world.api.feed.deliveries.find(({ updateId }) => updateId === id);
    const blockedMs = (of(next.update_id)?.at ?? Infinity) - (of(poison.update_id)?.at ?? 0);
    console.log(`a poisonous update held its chat for ${blockedMs.toFixed(0)} ms`);
    expect(blockedMs).toBeLessThan(1_000 + stalledMs() - stalledBefore);
    const row = await db().telegramUpdate.findUniqueOrThrow({ where: { updateId: BigInt(poison.update_id) } });
    expect(row.state).toBe('dead');
    expect(row.error).toContain('poison');
    expect(row.payload).toMatchObject({ message: { text: 'poison' } });
    await eventually(() => seen(chatId).includes('still here'));
  });
});

describe('a customer of Telegram', () => {
  it('is answered by the assistant, which is seen writing', async () => {
    const words = 'This is **an answer** that takes its time to come.'.split(/(?<= )/);
    model.script({ deltas: words, everyMs: 250 });
    const chatId = ++lastChat;
    world.api.feed.say(chatId, 'What is this?');
    await eventually(() => seen(chatId).length === 1, 20_000);
    const { drafts, actions, messages } = world.api.chats.of(chatId);
    expect(messages[0]).toMatchObject({
      text: 'This is an answer that takes its time to come.',
      entities: [{ type: 'bold', offset: 8, length: 9 }],
    });
    expect(actions).toContain('typing');
    expect(drafts.length).toBeGreaterThanOrEqual(1);
    expect(new Set(drafts.map(({ draftId }) => draftId)).size).toBe(1);
    const plain = (text: string) => text.replaceAll('*', '').replace(' …', '').trim();
    for (const { text } of drafts) expect('This is an answer that takes its time to come.').toContain(plain(text));
  });

  it('reads one answer to a burst of messages', async () => {
    model.script({ deltas: ['to ', 'all ', 'of ', 'it'], everyMs: 200 });
    const chatId = ++lastChat;
    for (const text of ['one', 'two', 'three']) world.api.feed.say(chatId, text);
    await eventually(() => seen(chatId).length > 0, 20_000);
    await eventually(async () => {
      const due = await db().generation.count({ where: { state: 'running' } });
      return due === 0;
    });
    expect(seen(chatId)).toEqual(['to all of it']);
    const asked = JSON.stringify(model.calls.at(-1)?.body['messages']);
    for (const text of ['one', 'two', 'three']) expect(asked).toContain(text);
  });

  it('edits what it said, and the former text is kept', async () => {
    model.script({ deltas: ['ok'] });
    const chatId = ++lastChat;
    const first = world.api.feed.say(chatId, 'fisrt');
    const edit = world.api.feed.editMessage(first, 'first');
    await eventually(() => world.api.feed.accepted.has(edit.update_id));
    const message = await db().message.findFirstOrThrow({ where: { content: 'first' }, include: { revisions: true } });
    expect(message.editedAt).not.toBeNull();
    expect(message.revisions.map(({ content }) => content)).toEqual(['fisrt']);
  });

  it('sends things that are no text', async () => {
    model.script({ deltas: ['ok'] });
    const chatId = ++lastChat;
    const voice = world.api.feed.message(chatId, { voice: { file_id: 'v1', duration: 3, mime_type: 'audio/ogg' } });
    const photo = world.api.feed.message(chatId, { photo: [{ file_id: 'p', width: 1, height: 2 }], caption: 'look' });
    const place = world.api.feed.message(chatId, { location: { latitude: 1.5, longitude: -2.5 } });
    await eventually(() => [voice, photo, place].every((it) => world.api.feed.accepted.has(it.update_id)));
    const chat = await db().customer.findUniqueOrThrow({
      where: { telegramChatId: BigInt(chatId) },
      include: { supportChat: true },
    });
    const said = await db().message.findMany({
      where: { conversationId: chat.supportChat?.id, role: 'customer' },
      orderBy: { seq: 'asc' },
    });
    expect(said.map(({ content }) => content)).toEqual(['[voice: 3 s]', 'look', '[location: 1.5, -2.5]']);
    expect(said.map(({ metadata }) => (metadata as { attachment: { type: string } }).attachment.type)).toEqual([
      'voice',
      'photo',
      'location',
    ]);
  });

  it('is told when the model cannot answer', async () => {
    model.script({ status: 500 });
    const chatId = ++lastChat;
    world.api.feed.say(chatId, 'anybody?');
    await eventually(() => seen(chatId).length === 1, 30_000);
    expect(seen(chatId)[0]).toContain('could not answer');
  });

  it('calls a human by command and by button', async () => {
    const byCommand = ++lastChat;
    world.api.feed.say(byCommand, '/operator my order is late');
    const byButton = ++lastChat;
    world.api.feed.say(byButton, '/start');
    await eventually(() => world.api.seenIn(byButton).length === 1);
    const [welcome] = world.api.seenIn(byButton);
    expect(welcome?.buttons).toHaveLength(1);
    world.api.feed.press(byButton, welcome?.buttons[0]?.callback_data ?? '', welcome?.messageId ?? 0);
    for (const chatId of [byCommand, byButton]) {
      const chat = await eventually(async () =>
        db().supportChat.findFirst({ where: { customer: { telegramChatId: BigInt(chatId) }, status: 'waiting' } }),
      );
      expect(chat.escalationReason).toBe(chatId === byCommand ? 'my order is late' : null);
    }
    await eventually(() => seen(byCommand).some((text) => /operator/i.test(text)));
    await eventually(() => world.api.chats.answeredButtons.length === 1);
  });
});
