import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Desk, DeskClient } from '../support/desk.js';
import { DeskSocket } from '../support/desk-socket.js';
import { TwoNodes } from '../support/two-nodes.js';

/** Operators at once after one chat. */
const RIVALS = 20;
const ROUNDS = Number(process.env['ROUNDS'] ?? 10);

describe('the desk on two nodes', () => {
  let nodes: TwoNodes;
  let desk: Desk;
  let senior: DeskClient;
  const sockets: DeskSocket[] = [];

  beforeAll(async () => {
    nodes = await TwoNodes.start({ ...Desk.settings, OPERATOR_AWAY_AFTER_S: '2' });
    desk = await Desk.of(nodes.a);
    senior = await desk.operator('senior_operator');
  });
  afterEach(() => sockets.splice(0).forEach((socket) => socket.close()));
  afterAll(() => nodes.close());

  async function enter(url: string, who: DeskClient): Promise<DeskSocket> {
    const socket = await DeskSocket.enter(url, who.token);
    sockets.push(socket);
    return socket;
  }

  const on = (url: string, { token, id }: DeskClient) => new DeskClient(url, token ?? '', id);

  it('tells operators of one node what happens on the other, word by word', async () => {
    const reader = await enter(nodes.b.url, senior);
    const customer = await desk.customer();
    const { chatId } = customer;
    reader.send({ type: 'subscribe_to_chat', chatId });
    await reader.next('subscribed');
    const words = Array.from({ length: 20 }, (_, index) => `word${index} `);
    nodes.model.script({ deltas: words, everyMs: 5 });
    await customer.say('hello');
    const whole = await reader.next('new_message', ({ message }) => message.author_type === 'bot');
    expect(whole.message.text).toBe(words.join(''));
    const deltas = reader.all('message_delta', chatId);
    expect(deltas.length).toBeGreaterThan(1);
    expect(deltas.reduce((text, { delta, offset }) => text.slice(0, offset) + delta, '')).toBe(words.join(''));
    await customer.say('talk to a human');
    const isWaiting = (it: { chatId: string; status: string }) => it.chatId === chatId && it.status === 'waiting';
    await reader.next('chat_status_change', isWaiting);
  });

  it('silences an answer of the other node when an operator takes the chat', async () => {
    const operator = on(nodes.b.url, await desk.operator('senior_operator'));
    const customer = await desk.waiting();
    const { chatId } = customer;
    await desk.admin.move(chatId, 'take');
    await desk.admin.move(chatId, 'return');
    nodes.model.script({ endless: 'more ' });
    await customer.say('and now?');
    const reader = await enter(nodes.b.url, senior);
    reader.send({ type: 'subscribe_to_chat', chatId });
    await reader.next('message_delta', (it) => it.chatId === chatId);
    const call = nodes.model.calls.at(-1)!;
    expect((await operator.move(chatId, 'take')).status).toBe(200);
    const stored = await operator.messages(chatId);
    await call.closed;
    await operator.reply(chatId, 'Hello');
    const after = await operator.messages(chatId);
    expect(after.map(({ text }) => text)).toEqual([...stored.map(({ text }) => text), 'Hello']);
  });

  it('gives a chat to one of those who take it on either node at the same time', async () => {
    const rivals = await Promise.all(Array.from({ length: RIVALS }, () => desk.operator()));
    let taken = 0;
    let conflicts = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const { chatId } = await desk.waiting();
      const outcomes = await Promise.all(
        rivals.map((rival, place) => on((place % 2 ? nodes.a : nodes.b).url, rival).move(chatId, 'take')),
      );
      taken += outcomes.filter(({ status }) => status === 200).length;
      conflicts += outcomes.filter(({ status }) => status === 409).length;
    }
    console.info(`${ROUNDS} chats, ${RIVALS} operators on two nodes: ${taken} taken, ${conflicts} refused`);
    expect({ taken, conflicts }).toEqual({ taken: ROUNDS, conflicts: ROUNDS * (RIVALS - 1) });
  });

  it('keeps an operator online as long as a desk is open on either node', async () => {
    const operator = await desk.operator();
    const watcher = await enter(nodes.a.url, senior);
    const onA = await enter(nodes.a.url, operator);
    const onB = await enter(nodes.b.url, operator);
    await operator.me({ status: 'online' });
    const isOf = (status: string) => (it: { operatorId: string; status: string }) =>
      it.operatorId === operator.id && it.status === status;
    await watcher.next('operator_status_change', isOf('online'));
    onA.close();
    // Longer than the grace: somebody else's absence is found meanwhile.
    const other = await desk.operator();
    const short = await enter(nodes.a.url, other);
    await other.me({ status: 'online' });
    short.close();
    await watcher.next('operator_status_change', (it) => it.operatorId === other.id && it.status === 'away');
    expect(watcher.all('operator_status_change').filter(isOf('away'))).toEqual([]);
    onB.close();
    await watcher.next('operator_status_change', isOf('away'));
  });
});
