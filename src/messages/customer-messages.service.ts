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

/** Another text for what was said. */
export interface CustomerEdit {
  conversationId: string;
  customerId: string;
  clientMessageId: string;
  content: string;
  /** Whether it may be answered anew (default true). */
  asksAnew?: boolean;
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
      if (answerDue) this.events.publish('answer.due', { conversationId, kind: appended.message.kind });
      if (isCall) await this.desk.callHuman(conversationId, { by: 'keyword', reason: null });
      return appended;
    });
  }

  /**
   * Puts another text in the place of what was said; the former one stays retrievable. Null when there is no such message. The last
   * question, while it is the assistant's to answer, is answered anew: the former answer is replaced. See docs/decisions/0024.
   */
  edit(input: CustomerEdit): Promise<MessageRecord | null> {
    const { conversationId, customerId, clientMessageId, content } = input;
    return this.unitOfWork.run(async () => {
      const lock = await this.log.lock(conversationId);
      if (!lock) throw new AppError('CONVERSATION_NOT_FOUND');
      const current = await this.messages.findByClientId(conversationId, customerId, clientMessageId);
      if (!current || current.deletedAt !== null || current.content === content) return current;
      const asksAnew =
        (input.asksAnew ?? true) &&
        !lock.isSilenced &&
        !isSameQuestion(current.content, content) &&
        (await this.messages.isLastAnswered(current));
      const later = asksAnew ? await this.log.countCurrentFrom(conversationId, current.seq + 1) : 0;
      const number = await this.log.takeNumbers(conversationId, 1 + later);
      const edited = await this.log.rewrite(current.id, newId(), content, number);
      this.events.publish('message.updated', { message: edited });
      if (asksAnew) await this.askAnew(edited, number + 1);
      return edited;
    });
  }

  private async askAnew({ id, kind, conversationId, seq, content }: MessageRecord, firstNumber: number): Promise<void> {
    for (const message of await this.log.supersedeFrom(conversationId, seq + 1, id, firstNumber))
      this.events.publish('message.updated', { message });
    const isCall = this.desk.asksForHuman(content);
    if (isCall && (await this.desk.callHuman(conversationId, { by: 'keyword', reason: null }))) return;
    await this.log.markAnswerDue(conversationId, seq);
    this.events.publish('answer.due', { conversationId, kind });
  }
}

/** Corrected spaces, capitals and punctuation ask nothing else. */
function isSameQuestion(former: string, text: string): boolean {
  return wordsOf(former) === wordsOf(text);
}

const wordsOf = (text: string): string =>
  text
    .toLowerCase()
    .match(/[\p{L}\p{N}\p{S}]+/gu)
    ?.join(' ') ?? text;
