import { Injectable } from '@nestjs/common';
import { DomainEventBus } from '../events/domain-event-bus.js';
import { UnitOfWork } from '../prisma/unit-of-work.js';
import type { CustomerRecord, TelegramPerson } from './customer.js';
import { CustomersRepository } from './customers.repository.js';

/** A customer with the conversation (and support chat: the same id) in which everything is said. */
export interface AdmittedCustomer {
  customer: CustomerRecord;
  conversationId: string;
  isNew: boolean;
}

/** Customers without an account. */
@Injectable()
export class CustomersService {
  constructor(
    private readonly customers: CustomersRepository,
    private readonly unitOfWork: UnitOfWork,
    private readonly events: DomainEventBus,
  ) {}

  /**
   * Finds or makes the customer of a Telegram chat with conversation and support chat (status `bot`), in the unit of work
   * under way if there is one. Who writes has not blocked the bot any more.
   */
  admit(person: TelegramPerson): Promise<AdmittedCustomer> {
    return this.unitOfWork.run(async () => {
      const { isNew, ...customer } = await this.customers.upsert(person);
      const known = isNew ? null : await this.customers.chatOf(customer.id);
      return { customer, conversationId: known ?? (await this.customers.openChat(customer.id)), isNew };
    });
  }

  /** Who is on the other side of a Telegram conversation; null when it is none. */
  findByChat(conversationId: string): Promise<CustomerRecord | null> {
    return this.customers.findByChat(conversationId);
  }

  /** Notes that nothing can be sent to a Telegram chat any more, or again. */
  async setBlocked(telegramChatId: number, isBlocked: boolean): Promise<void> {
    const id = await this.customers.setBlocked(telegramChatId, isBlocked);
    const chatId = id === null ? null : await this.customers.chatOf(id);
    if (chatId !== null) this.events.publish('support-chat.updated', { chatId });
  }

  /** A group of Telegram became another chat with a new number. */
  async migrate(fromChatId: number, toChatId: number): Promise<void> {
    await this.customers.migrate(fromChatId, toChatId);
  }
}
