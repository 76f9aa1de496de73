import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PrismaService } from '../../src/prisma/prisma.service.js';
import { BotApi, BOT_TOKEN } from '../support/bot-api.js';
import { Desk, type DeskClient } from '../support/desk.js';
import { eventually } from '../support/eventually.js';
import { telegramEnvironment, WEBHOOK_SECRET } from '../support/telegram-world.js';

let api: BotApi;
let desk: Desk;
let operator: DeskClient;
let lastChat = 3_000_000;

beforeAll(async () => {
  api = await BotApi.start();
  desk = await Desk.start(telegramEnvironment(api));
  api.feed.setWebhook({ url: `${desk.app.url}/telegram/webhook`, secret_token: WEBHOOK_SECRET });
  operator = await desk.operator();
});

afterAll(async () => {
  await desk.close();
  await api.stop();
});

const seen = (chatId: number) => api.seenIn(chatId).map(({ text }) => text);

/** A chat that waits for a human. */
async function waiting(before: (chatId: number) => void = () => undefined): Promise<{ chatId: number; id: string }> {
  const chatId = ++lastChat;
  before(chatId);
  api.feed.say(chatId, '/operator');
  const chat = await eventually(() =>
    desk.app
      .get(PrismaService)
      .supportChat.findFirst({ where: { customer: { telegramChatId: BigInt(chatId) }, status: 'waiting' } }),
  );
  return { chatId, id: chat.id };
}

describe('the desk and Telegram', () => {
  it('sends the replies of operators, and shows what became of them', async () => {
    const { chatId, id } = await waiting();
    expect((await operator.move(id, 'take')).status).toBe(200);
    await operator.reply(id, 'Hello, **I** am a human.');
    await eventually(() => seen(chatId).includes('Hello, **I** am a human.'));
    await eventually(async () =>
      (await operator.messages(id)).some(
        ({ author_type, metadata }) =>
          author_type === 'operator' && (metadata['delivery'] as { state: string } | undefined)?.state === 'sent',
      ),
    );
  });

  it('shows that a customer cannot be reached', async () => {
    const { chatId, id } = await waiting();
    await operator.move(id, 'take');
    api.chats.of(chatId).isBlocked = true;
    await operator.reply(id, 'Are you there?');
    await eventually(async () =>
      (await operator.messages(id)).some(
        ({ metadata }) => JSON.stringify(metadata['delivery']) === '{"error":"blocked","state":"failed"}',
      ),
    );
    expect((await operator.chat(id)).user).toMatchObject({ is_blocked: true });
  });

  it('asks for a rating after the close, and takes one', async () => {
    const { chatId, id } = await waiting();
    await operator.move(id, 'take');
    await operator.move(id, 'close', { resolution: 'done' });
    const question = await eventually(() => api.seenIn(chatId).find(({ buttons }) => buttons.length === 5));
    api.feed.press(chatId, question.buttons[3]?.callback_data ?? '', question.messageId);
    await eventually(async () => (await desk.admin.chat(id)).rating === 4);
    await eventually(() => api.chats.answeredButtons.some(({ text }) => text === 'Thank you!'));
  });

  it('lets customers go back to the assistant while nobody has taken them', async () => {
    const { chatId, id } = await waiting();
    api.feed.say(chatId, '/bot');
    await eventually(async () => (await desk.admin.chat(id)).status === 'bot');
    api.feed.say(chatId, 'parrot, are you there?');
    await eventually(() => seen(chatId).some((text) => text.includes('parrot')));
    const held = await waiting();
    await operator.move(held.id, 'take');
    api.feed.say(held.chatId, '/bot');
    await eventually(() => seen(held.chatId).some((text) => text.startsWith('A person is with you')));
    expect((await desk.admin.chat(held.id)).status).toBe('in_progress');
  });

  it('gives files of customers to whoever may see the chat, and never an address with the token', async () => {
    const bytes = new Uint8Array(300_000).map((_, place) => place % 251);
    const fileId = api.addFile(bytes, 'photos/file_1.jpg');
    const large = api.addFile(new Uint8Array(1), 'documents/large.bin');
    const { id } = await waiting((chatId) => {
      api.feed.message(chatId, { photo: [{ file_id: fileId, width: 1, height: 1, file_size: bytes.length }] });
      api.feed.message(chatId, {
        document: { file_id: fileId, file_name: '../"evil".html', mime_type: 'text/html', file_size: bytes.length },
      });
      api.feed.message(chatId, { document: { file_id: large, file_size: 30 * 1024 * 1024 } });
      api.feed.message(chatId, { document: { file_id: 'gone' } });
      api.feed.message(chatId, { location: { latitude: 1, longitude: 2 } });
    });
    await operator.move(id, 'take');
    const messages = (await operator.messages(id)).filter(({ metadata }) => metadata['attachment']);
    expect(messages).toHaveLength(5);
    expect(JSON.stringify(messages)).not.toContain(BOT_TOKEN);
    const fetchFile = (messageId: string | undefined, token = operator.token) =>
      fetch(`${desk.app.url}/api/chats/${id}/files/${messageId}`, { headers: { Authorization: `Bearer ${token}` } });
    const photo = await fetchFile(messages[0]?.id);
    expect(photo.status).toBe(200);
    expect(photo.headers.get('Content-Type')).toBe('image/jpeg');
    expect(photo.headers.get('X-Content-Type-Options')).toBe('nosniff');
    expect(new Uint8Array(await photo.arrayBuffer())).toEqual(bytes);
    const page = await fetchFile(messages[1]?.id);
    expect(page.headers.get('Content-Type')).toBe('application/octet-stream');
    expect(page.headers.get('Content-Disposition')).toMatch(/^attachment; filename="[^"/]*evil[^"/]*\.html"; /);
    expect((await fetchFile(messages[2]?.id)).status).toBe(413);
    expect((await fetchFile(messages[3]?.id)).status).toBe(404);
    expect((await fetchFile(messages[4]?.id)).status).toBe(404);
    const stranger = await desk.operator();
    expect((await fetchFile(messages[0]?.id, stranger.token)).status).toBe(404);
    const person = await desk.app.person();
    expect((await fetchFile(messages[0]?.id, person.token)).status).toBe(403);
    expect((await fetchFile(messages[0]?.id, '')).status).toBe(401);
  });
});
