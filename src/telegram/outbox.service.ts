import { Injectable } from '@nestjs/common';
import type { MessageRecord } from '../events/domain-events.js';
import { JobQueue } from '../jobs/job-queue.js';
import { ChannelMessages, type Delivery } from '../messages/channel-messages.service.js';
import { CustomersService } from '../operators/customers.service.js';
import { buttonsOf } from './buttons.js';
import { plainText, splitText } from './formatted-text.js';
import { markdownToEntities } from './markdown-entities.js';
import { OutboxRepository, type OutgoingState } from './outbox.repository.js';
import { TelegramApi } from './telegram-api.js';
import { textsFor } from './texts.js';

export const OUTBOX_QUEUE = 'telegram-outbox';

/** Puts what customers of Telegram are to read into the outbox, in the transaction of the message itself. */
@Injectable()
export class OutboxService {
  constructor(
    private readonly outbox: OutboxRepository,
    private readonly messages: ChannelMessages,
    private readonly customers: CustomersService,
    private readonly jobs: JobQueue,
    private readonly api: TelegramApi,
  ) {}

  /** Part of the transaction that stores `message`. Everything but what customers said, and answers that were cancelled, goes out. */
  async relay(message: MessageRecord): Promise<void> {
    const { conversationId, role, content } = message;
    if (role === 'customer' || role === 'user' || message.deletedAt !== null) return;
    // Its question was edited while it was being finished: another answer is on its way.
    if (message.supersededById !== null) return;
    const isBroken = message.status === 'failed' || message.status === 'interrupted';
    if (!isBroken && message.status !== 'complete') return;
    if (content.trim() !== '') await this.enqueue(message);
    if (role === 'assistant' && isBroken) await this.apologise(conversationId);
  }

  /** Notes how a message's way out ended, once all its parts have ended. Runs in the transaction that ended one. */
  async settle(conversationId: string, messageId: string, error?: string): Promise<void> {
    const delivery = deliveryOf(await this.outbox.statesOf(messageId), error);
    if (delivery) await this.messages.markDelivery(conversationId, messageId, delivery);
  }

  private async enqueue(message: MessageRecord): Promise<void> {
    const { id, conversationId, role, content, metadata } = message;
    const parts = splitText(role === 'assistant' ? markdownToEntities(content) : plainText(content));
    await this.outbox.enqueue(conversationId, id, parts, buttonsOf(metadata?.['buttons']));
    await this.messages.markQueued(message);
    if (this.api.isConfigured) await this.jobs.add(OUTBOX_QUEUE, conversationId);
  }

  private async apologise(conversationId: string): Promise<void> {
    const customer = await this.customers.findByChat(conversationId);
    if (customer) await this.messages.announce(conversationId, textsFor(customer.languageCode).answerFailed);
  }
}

function deliveryOf(states: readonly OutgoingState[], error?: string): Delivery | null {
  if (states.includes('queued') || states.includes('sending')) return null;
  const state = states.includes('failed') ? 'failed' : states.includes('unknown') ? 'unknown' : 'sent';
  return { state, ...(state === 'sent' || error === undefined ? {} : { error }) };
}
