import { Injectable } from '@nestjs/common';
import { AppError } from '../common/errors/app-error.js';
import { newId } from '../common/ids.js';
import { DomainEventBus } from '../events/domain-event-bus.js';
import type { MessageRecord } from '../events/domain-events.js';
import { UnitOfWork } from '../prisma/unit-of-work.js';
import { CustomerDesk } from './customer-desk.js';
import { MessageAppender, type Appended } from './message-appender.js';
import { MessageLogRepository } from './message-log.repository.js';
import { MessagesRepository } from './messages.repository.js';

export interface CustomerMessage {
  conversationId: string;
  /** A customer without an account. */
  customerId: string;
  content: string;
  /** Makes a repetition harmless: the same id is the same message. */
  clientMessageId: string;
  replyToId?: string | null;
  metadata?: Readonly<Record<string, unknown>> | null;
  /** Whether the assistant owes an answer to it (default true); never while a human was asked for. */
  asksAssistant?: boolean;
}

/** What customers without an account say, through whatever channel. */
@Injectable()
export class CustomerMessages {
  constructor(
    private readonly appender: MessageAppender,
    private readonly log: MessageLogRepository,
    private readonly messages: MessagesRepository,
    private readonly desk: CustomerDesk,
    private readonly unitOfWork: UnitOfWork,
    private readonly events: DomainEventBus,
  ) {}

  /** Stores it, in the unit of work under way if there is one. One that asks for a human calls a human instead of the assistant. */
  say(input: CustomerMessage): Promise<Appended> {
    return this.unitOfWork.run(async () => {
      const { conversationId, asksAssistant = true } = input;
      const isCall = asksAssistant && this.desk.asksForHuman(input.content);
      const answerDue = asksAssistant && !isCall;
      const appended = await this.appender.append({
        id: newId(),
        conversationId,
        role: 'customer',
        senderId: input.customerId,
        content: input.content,
        status: 'complete',
        clientMessageId: input.clientMessageId,
        replyToId: input.replyToId ?? null,
        model: null,
        answerDue,
        metadata: input.metadata ?? null,
      });
      if (appended.isReplay) return appended;
      this.events.publish('message.created', { message: appended.message });
      if (answerDue) this.events.publish('answer.due', { conversationId });
      if (isCall) await this.desk.callHuman(conversationId, { by: 'keyword', reason: null });
      return appended;
    });
  }

  /** Puts another text in the place of what was said; the former one stays retrievable. Null when there is no such message. */
  edit(input: Omit<CustomerMessage, 'replyToId' | 'asksAssistant'>): Promise<MessageRecord | null> {
    const { conversationId, customerId, clientMessageId, content } = input;
    return this.unitOfWork.run(async () => {
      if (!(await this.log.lock(conversationId))) throw new AppError('CONVERSATION_NOT_FOUND');
      const current = await this.messages.findByClientId(conversationId, customerId, clientMessageId);
      if (!current || current.deletedAt !== null || current.content === content) return current;
      const edited = await this.log.rewrite(
        current.id,
        newId(),
        content,
        await this.log.takeNumbers(conversationId, 1),
      );
      this.events.publish('message.updated', { message: edited });
      return edited;
    });
  }
}
