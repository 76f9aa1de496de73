import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Desk, type DeskClient } from '../support/desk.js';
import { DeskSocket } from '../support/desk-socket.js';
import { eventually } from '../support/eventually.js';
import { ScriptedOpenAi } from '../support/scripted-openai.js';

describe('the WebSocket of the desk', () => {
  let desk: Desk;
  let model: ScriptedOpenAi;
  let senior: DeskClient;
  let first: DeskClient;
  let second: DeskClient;
  const sockets: DeskSocket[] = [];

  beforeAll(async () => {
    model = await ScriptedOpenAi.start();
    desk = await Desk.start({ OPENAI_BASE_URL: model.baseUrl, OPERATOR_AWAY_AFTER_S: '2' });
    [senior, first, second] = [
      await desk.operator('senior_operator'),
      await desk.operator(),
      await desk.operator(),
    ] as const;
  });
  afterEach(() => sockets.splice(0).forEach((socket) => socket.close()));
  afterAll(async () => {
    await desk.close();
    await model.stop();
  });

  async function enter(who: DeskClient, since?: string): Promise<DeskSocket> {
    const socket = await DeskSocket.enter(desk.app.url, who.token, since);
    sockets.push(socket);
    return socket;
  }

  async function open(query = ''): Promise<DeskSocket> {
    const socket = await DeskSocket.open(desk.app.url, query);
    sockets.push(socket);
    return socket;
  }

  it('lets in who shows a token in the address, a ticket, or a token in the first frame', async () => {
    const byToken = await enter(first);
    const [hello] = byToken.all('connection_established');
    expect(hello).toMatchObject({ operatorId: first.id, role: 'operator' });
    const ticket = await first.post<{ ticket: string }>('/sse/ticket', {});
    const byTicket = await open(`ticket=${ticket.body.ticket}`);
    await byTicket.next('connection_established');
    const byFrame = await open();
    byFrame.send({ type: 'ping' });
    expect(await byFrame.next('error')).toMatchObject({ code: 'UNAUTHORIZED', event: 'ping' });
    byFrame.send({ type: 'auth', token: first.token });
    expect(await byFrame.next('connection_established')).toMatchObject({ operatorId: first.id });
  });

  it('tells who sees a chat that it waits, what is said, who takes it and how it ends', async () => {
    const [all, mine, others] = [await enter(senior), await enter(first), await enter(second)];
    const customer = await desk.waiting();
    const { chatId } = customer;
    for (const socket of [all, mine, others]) {
      expect(await socket.next('chat_status_change', (it) => it.chatId === chatId)).toMatchObject({
        status: 'waiting',
      });
      expect((await socket.next('chat_update', (it) => it.chatId === chatId)).chat).toMatchObject({ id: chatId });
      expect(await socket.next('new_message', (it) => it.chatId === chatId)).toMatchObject({
        message: { author_type: 'user', text: 'talk to a human', chat_id: chatId },
      });
    }
    expect((await first.move(chatId, 'take')).status).toBe(200);
    const taken = (it: { chatId: string; status: string }) => it.chatId === chatId && it.status === 'in_progress';
    for (const socket of [all, mine, others])
      expect(await socket.next('chat_status_change', taken)).toMatchObject({ operatorId: first.id });
    await customer.say('are you there?');
    await first.reply(chatId, 'I am');
    for (const socket of [all, mine]) {
      await socket.next('new_message', ({ message }) => message.text === 'I am');
      expect(socket.texts(chatId).filter((text) => text === 'are you there?')).toHaveLength(1);
    }
    await first.move(chatId, 'close', { resolution: 'done' });
    await all.next('chat_status_change', (it) => it.chatId === chatId && it.status === 'closed');
    await others.caughtUp();
    expect(others.texts(chatId)).not.toContain('I am');
    expect(others.about(chatId).at(-1)).toMatchObject({ type: 'chat_status_change', data: { status: 'in_progress' } });
  });

  it('tells what a desk missed since its cursor, once and in order', async () => {
    const before = await enter(first);
    const customer = await desk.waiting();
    const { chatId } = customer;
    await first.move(chatId, 'take');
    await before.next('chat_status_change', (it) => it.chatId === chatId && it.status === 'in_progress');
    await before.until(() => before.cursor);
    before.close();
    for (let count = 0; count < 30; count++) await customer.say(`missed ${count}`);
    const again = await enter(first, before.cursor);
    expect(await again.next('synced')).toMatchObject({ complete: true });
    expect(again.texts(chatId).filter((text) => text.startsWith('missed'))).toEqual(
      Array.from({ length: 30 }, (_, count) => `missed ${count}`),
    );
    await customer.say('and now');
    await again.next('new_message', ({ message }) => message.text === 'and now');
  });

  it('tells the words of the assistant to who subscribed, and the whole of it to all', async () => {
    const words = Array.from({ length: 20 }, (_, index) => `word${index} `);
    const [reader, other] = [await enter(senior), await enter(desk.admin)];
    const customer = await desk.customer();
    reader.send({ type: 'subscribe_to_chat', chatId: customer.chatId });
    await reader.next('subscribed');
    model.script({ deltas: words });
    await customer.say('hello');
    const isAnswer = ({ message }: { message: { author_type: string; chat_id: string } }) =>
      message.author_type === 'bot' && message.chat_id === customer.chatId;
    const whole = await reader.next('new_message', isAnswer);
    expect(whole.message.text).toBe(words.join(''));
    const deltas = reader.all('message_delta', customer.chatId);
    expect(deltas.reduce((text, { delta, offset }) => text.slice(0, offset) + delta, '')).toBe(whole.message.text);
    expect(deltas.every(({ messageId }) => messageId === whole.message.id)).toBe(true);
    await other.next('new_message', isAnswer);
    expect(other.all('message_delta')).toEqual([]);
  });

  it('makes who is gone away, and online again with the next connection', async () => {
    const watcher = await enter(senior);
    const leaving = await enter(second);
    await second.me({ status: 'online' });
    leaving.close();
    const isOf = (status: string) => (it: { operatorId: string; status: string }) =>
      it.operatorId === second.id && it.status === status;
    await watcher.next('operator_status_change', isOf('away'));
    const seen = watcher.frames.length;
    await enter(second);
    await eventually(() => watcher.frames.slice(seen).some(({ type }) => type === 'operator_status_change'));
    expect((await second.get<{ status: string }>('/api/operators/me')).body.status).toBe('online');
  });
});
