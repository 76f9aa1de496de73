import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ChatResponse } from '../../src/operators/dto/chat.response.dto.js';
import { Desk, type DeskClient, type DeskCustomer } from '../support/desk.js';
import { DeskSocket } from '../support/desk-socket.js';
import { Random, rounds, seed } from '../support/random.js';

const OPERATORS = 4;
const CHATS = 6;
/** What tells something of a chat itself; that it went away may be told. */
const TELLING = new Set(['new_message', 'message_update', 'chat_update', 'message_delta', 'subscribed']);

describe('what an operator sees on the WebSocket of the desk', () => {
  let desk: Desk;
  let senior: DeskClient;
  let operators: DeskClient[];
  const sockets = new Map<DeskClient, DeskSocket>();

  beforeAll(async () => {
    desk = await Desk.start();
    senior = await desk.operator('senior_operator');
    operators = [];
    for (let count = 0; count < OPERATORS; count++) operators.push(await desk.operator());
    for (const who of [senior, ...operators]) sockets.set(who, await DeskSocket.enter(desk.app.url, who.token));
  });
  afterAll(async () => {
    for (const socket of sockets.values()) socket.close();
    await desk.close();
  });

  const socketOf = (who: DeskClient): DeskSocket => sockets.get(who) as DeskSocket;
  const tells = (who: DeskClient, chatId: string, from: number): number =>
    socketOf(who)
      .frames.slice(from)
      .filter((frame) => TELLING.has(frame.type) && 'chatId' in frame.data && frame.data.chatId === chatId).length;
  const sees = (who: DeskClient, chat: ChatResponse) => chat.status === 'waiting' || chat.operator_id === who.id;

  /** Moves one chat at random; counts what those who may not see it are told between two moves, and what the senior is. */
  async function drive(customer: DeskCustomer, random: Random, steps: number) {
    const { chatId } = customer;
    const counts = { foreign: 0, ofSenior: 0, blind: 0, missed: 0 };
    const everybody = [senior, ...operators];
    for (let step = 0; step < steps; step++) {
      for (const who of everybody) socketOf(who).send({ type: 'subscribe_to_chat', chatId });
      const mover = random.chance(0.5) ? senior : random.pick(operators);
      const to = random.pick(operators).id;
      const [move, body] = random.pick([
        ['take', {}],
        ['transfer', { operatorId: to }],
        ['transfer', { operatorId: 'queue' }],
        ['return', {}],
        ['close', {}],
        ['reopen', {}],
      ] as const);
      await mover.move(chatId, move, body);
      const chat = await senior.chat(chatId);
      const blind = operators.filter((who) => !sees(who, chat));
      const seeing = operators.filter((who) => sees(who, chat));
      // What was on its way before the move was answered has come then.
      await Promise.all([senior, ...blind].map((who) => socketOf(who).caughtUp()));
      const from = new Map([senior, ...operators].map((who) => [who, socketOf(who).frames.length]));
      for (const who of blind) socketOf(who).send({ type: 'subscribe_to_chat', chatId });
      const text = `secret ${step} of ${chatId}`;
      await customer.say(text);
      const isIt = ({ message }: { message: { text: string } }) => message.text === text;
      await socketOf(senior).next('new_message', isIt);
      for (const who of seeing)
        await socketOf(who)
          .next('new_message', isIt)
          .catch(() => counts.missed++);
      await Promise.all(blind.map((who) => socketOf(who).caughtUp()));
      for (const who of blind) counts.foreign += tells(who, chatId, from.get(who) ?? 0);
      counts.blind += blind.length;
      counts.ofSenior += tells(senior, chatId, from.get(senior) ?? 0);
    }
    return counts;
  }

  it('is waiting chats and their own, however chats move, and nothing more from the moment a move is answered', async () => {
    const random = new Random(seed());
    const customers = await Promise.all(Array.from({ length: CHATS }, () => desk.waiting()));
    const steps = rounds(12);
    const all = await Promise.all(
      customers.map((customer) => drive(customer, new Random(random.between(0, 1e9)), steps)),
    );
    const sum = (key: keyof (typeof all)[number]) => all.reduce((total, counts) => total + counts[key], 0);
    console.info(
      `seed ${random.seed}: ${CHATS * steps} moves, ${sum('blind')} times somebody who could not see: foreign frames ${sum('foreign')}, missed ${sum('missed')} (the senior was told ${sum('ofSenior')})`,
    );
    expect(sum('foreign')).toBe(0);
    expect(sum('missed')).toBe(0);
    // The counter can count: what operators were not told, the senior was.
    expect(sum('ofSenior')).toBeGreaterThan(CHATS * steps);
    expect(sum('blind')).toBeGreaterThan(0);
  }, 240_000);

  it('is nothing of a chat that the cursor of somebody else once told', async () => {
    const [holder, other] = operators as [DeskClient, DeskClient];
    const customer = await desk.waiting();
    const { cursor } = await socketOf(holder).until(() => {
      const now = socketOf(holder).cursor;
      return now === undefined ? null : { cursor: now };
    });
    await holder.move(customer.chatId, 'take');
    await customer.say('only for the holder');
    const late = await DeskSocket.enter(desk.app.url, other.token, cursor);
    await late.next('synced');
    expect(late.texts(customer.chatId)).toEqual([]);
    expect(late.all('chat_update', customer.chatId)).toEqual([]);
    const own = await DeskSocket.enter(desk.app.url, holder.token, cursor);
    await own.next('synced');
    expect(own.texts(customer.chatId)).toContain('only for the holder');
    for (const socket of [late, own]) socket.close();
  });
});
