import { Injectable } from '@nestjs/common';
import { newId } from '../common/ids.js';
import { DomainEventBus } from '../events/domain-event-bus.js';
import type { MessageRecord } from '../events/domain-events.js';
import { UnitOfWork } from '../prisma/unit-of-work.js';
import { MessageAppender } from './message-appender.js';
import { MessageLogRepository } from './message-log.repository.js';
import { MessagesRepository } from './messages.repository.js';

/** What became of a message on its way out through a channel. */
export type DeliveryState = 'queued' | 'sent' | 'failed' | 'unknown';

export interface Delivery {
  state: DeliveryState;
  /** Why it failed, in a word. */
  error?: string;
}

/** What a channel to people outside adds to a conversation. */
@Injectable()
export class ChannelMessages {
  constructor(
    private readonly appender: MessageAppender,
    private readonly log: MessageLogRepository,
    private readonly messages: MessagesRepository,
    private readonly unitOfWork: UnitOfWork,
    private readonly events: DomainEventBus,
  ) {}

  /** The server itself says something, in the unit of work under way if there is one. */
  announce(
    conversationId: string,
    content: string,
    metadata: MessageRecord['metadata'] = null,
  ): Promise<MessageRecord> {
    return this.unitOfWork.run(async () => {
      const { message } = await this.appender.append({
        id: newId(),
        conversationId,
        role: 'system',
        senderId: null,
        content,
        status: 'complete',
        clientMessageId: null,
        replyToId: null,
        model: null,
        answerDue: false,
        metadata,
      });
      this.events.publish('message.created', { message });
      return message;
    });
  }

  /** Notes on a message that is being stored in the unit of work under way that it waits to be sent. */
  async markQueued(message: MessageRecord): Promise<void> {
    const delivery: Delivery = { state: 'queued' };
    await this.log.mergeMetadata(message.id, { delivery }, message.changeSeq);
    // Whoever is told of the message after the commit is told this too.
    message.metadata = { ...message.metadata, delivery };
  }

  /** Notes on a message how its way out ended. */
  markDelivery(conversationId: string, messageId: string, delivery: Delivery): Promise<void> {
    return this.unitOfWork.run(async () => {
      if (!(await this.log.lock(conversationId))) return;
      const changeSeq = await this.log.takeNumbers(conversationId, 1);
      const message = await this.log.mergeMetadata(messageId, { delivery }, changeSeq);
      this.events.publish('message.updated', { message });
    });
  }

  /** What a customer said under a client message id; null when there is nothing like that. */
  findByClientId(conversationId: string, senderId: string, clientMessageId: string): Promise<MessageRecord | null> {
    return this.messages.findByClientId(conversationId, senderId, clientMessageId);
  }

  find(messageId: string): Promise<MessageRecord | null> {
    return this.messages.find(messageId);
  }
}
