import { Injectable } from '@nestjs/common';
import { AppError } from '../common/errors/app-error.js';
import type { ErrorCode } from '../common/errors/error-catalogue.js';
import { DomainEventBus } from '../events/domain-event-bus.js';
import type { MessageRecord } from '../events/domain-events.js';
import type { ConversationLock } from './conversation-lock.js';
import { MessageLogRepository } from './message-log.repository.js';
import { MessagesRepository, type AskedQuestion } from './messages.repository.js';

/** How the ai feature writes the assistant's messages. All but the reads run inside a unit of work that holds the conversation's lock. */
@Injectable()
export class AssistantMessages {
  constructor(
    private readonly log: MessageLogRepository,
    private readonly messages: MessagesRepository,
    private readonly events: DomainEventBus,
  ) {}

  /** Locks the conversation until the unit of work ends; null when it is absent. */
  lock(conversationId: string): Promise<ConversationLock | null> {
    return this.log.lock(conversationId);
  }

  /** Ends a placeholder that no run will ever fill. */
  async refuse(placeholder: MessageRecord, errorCode: ErrorCode): Promise<void> {
    const { conversationId, id: messageId } = placeholder;
    const changeSeq = await this.log.takeNumbers(conversationId, 1);
    const message = await this.log.failAnswer(messageId, errorCode, changeSeq);
    this.events.publish('message.updated', { message, finished: true });
  }

  /** Takes an answer and all that followed it off the current branch, in favour of `byId`. */
  async supersedeFrom(target: MessageRecord, byId: string): Promise<void> {
    const count = await this.log.countCurrentFrom(target.conversationId, target.seq);
    const first = await this.log.takeNumbers(target.conversationId, count);
    for (const message of await this.log.supersedeFrom(target.conversationId, target.seq, byId, first))
      this.events.publish('message.updated', { message });
  }

  /** @throws AppError MESSAGE_NOT_FOUND */
  async get(messageId: string): Promise<MessageRecord> {
    const message = await this.messages.find(messageId);
    if (!message) throw new AppError('MESSAGE_NOT_FOUND');
    return message;
  }

  /** The newest `limit` texts of the current branch before number `beforeSeq`, oldest first. */
  history(
    conversationId: string,
    beforeSeq: number,
    limit: number,
  ): Promise<{ role: MessageRecord['role']; content: string }[]> {
    return this.messages.history(conversationId, beforeSeq, limit);
  }

  /** What was said last in a room before number `beforeSeq`, oldest first, with who said it. */
  roomHistory(conversationId: string, beforeSeq: number, limit: number): Promise<MessageRecord[]> {
    return this.messages.spokenBefore(conversationId, beforeSeq, limit);
  }

  /** Up to `limit` questions to the assistant from number `fromSeq` on, of people who are still in the room. */
  questionsFrom(conversationId: string, fromSeq: number, limit: number): Promise<AskedQuestion[]> {
    return this.messages.questionsFrom(conversationId, fromSeq, limit);
  }

  /** The assistant owes nothing: whoever asked has left, or deleted the question. */
  owesNothing(conversationId: string): Promise<void> {
    return this.log.clearAnswerDue(conversationId);
  }

  /** The newest message of the current branch before number `beforeSeq` that is a person's. */
  lastQuestion(conversationId: string, beforeSeq: number): Promise<{ id: string; senderId: string | null } | null> {
    return this.messages.lastQuestion(conversationId, beforeSeq);
  }

  /** What the conversation began with, for a title. */
  firstQuestion(conversationId: string): Promise<string | null> {
    return this.messages.firstQuestion(conversationId);
  }
}
