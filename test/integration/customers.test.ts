import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CustomerMessages } from '../../src/messages/customer-messages.service.js';
import { CustomersService } from '../../src/operators/customers.service.js';
import { PrismaService } from '../../src/prisma/prisma.service.js';
import { UnitOfWork } from '../../src/prisma/unit-of-work.js';
import { TestApp } from '../support/app.js';

const LARGEST = 2 ** 52 - 1;

describe('customers of Telegram', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await TestApp.start();
  });
  afterAll(() => app.close());

  const person = (telegramChatId: number) => ({
    telegramChatId,
    telegramId: telegramChatId,
    username: 'ada',
    firstName: 'Ada',
    lastName: null,
    languageCode: 'en',
  });

  it('have one conversation and one support chat, however many of their messages come at once', async () => {
    const customers = app.get(CustomersService);
    const admitted = await Promise.all(Array.from({ length: 8 }, () => customers.admit(person(LARGEST))));
    expect(new Set(admitted.map(({ conversationId }) => conversationId)).size).toBe(1);
    expect(admitted.filter(({ isNew }) => isNew)).toHaveLength(1);
    expect(admitted[0]?.customer).toMatchObject({ telegramChatId: LARGEST, firstName: 'Ada', isBlocked: false });
    const chats = await app.get(PrismaService).db.supportChat.findMany({ select: { status: true, source: true } });
    expect(chats).toEqual([{ status: 'bot', source: 'telegram' }]);
  });

  it('are not there when the transaction that met them is rolled back', async () => {
    const work = app.get(UnitOfWork).run(async () => {
      await app.get(CustomersService).admit(person(7));
      throw new Error('no');
    });
    await expect(work).rejects.toThrow('no');
    expect(await app.get(PrismaService).db.customer.count({ where: { telegramChatId: 7n } })).toBe(0);
  });

  it('say each message once, and their edits keep what it said before', async () => {
    const { customer, conversationId } = await app.get(CustomersService).admit(person(8));
    const messages = app.get(CustomerMessages);
    const input = {
      conversationId,
      customerId: customer.id,
      content: 'hi',
      clientMessageId: 'tg:1',
      asksAssistant: false,
    };
    const first = await messages.say({ ...input, metadata: { kind: 'photo' } });
    expect(first.message).toMatchObject({ role: 'customer', seq: 1, metadata: { kind: 'photo' } });
    expect(await messages.say(input)).toMatchObject({ isReplay: true, message: { id: first.message.id } });
    expect(await messages.edit({ ...input, content: 'hello' })).toMatchObject({ content: 'hello', changeSeq: 2 });
    const { customerMessageCount } = await app
      .get(PrismaService)
      .db.supportChat.findUniqueOrThrow({ where: { id: conversationId } });
    expect(customerMessageCount).toBe(1);
  });
});
