import { Injectable } from '@nestjs/common';
import type { DomainEvents } from '../events/domain-events.js';
import { OnDomainEvent } from '../events/on-domain-event.js';
import { AnswersService } from './answers.service.js';

@Injectable()
export class AnswersListener {
  constructor(private readonly answers: AnswersService) {}

  @OnDomainEvent('answer.due')
  async answer({ conversationId, kind }: DomainEvents['answer.due']): Promise<void> {
    await this.answers.answerIfDue(conversationId, kind);
  }

  @OnDomainEvent('answer.stop', 'elsewhere')
  stop({ conversationId, messageId, reason }: DomainEvents['answer.stop']): void {
    this.answers.stopHere(conversationId, messageId, reason);
  }

  @OnDomainEvent('message.updated', 'elsewhere')
  ended({ message }: DomainEvents['message.updated']): void {
    if (message.role === 'assistant' && message.status !== 'streaming')
      this.answers.endedElsewhere(message.conversationId, message.id);
  }

  /** A message that was deleted while it was being written needs no more text. */
  @OnDomainEvent('message.updated', 'anywhere')
  abandonDeleted({ message }: DomainEvents['message.updated']): void {
    if (message.deletedAt !== null && message.status === 'streaming')
      this.answers.abandon(message.conversationId, message.id);
  }

  /** Nobody who is outside is answered, or pays. */
  @OnDomainEvent('chat-room.member-removed')
  async stopFor({ roomId, userId }: DomainEvents['chat-room.member-removed']): Promise<void> {
    await this.answers.stopFor(roomId, userId);
  }

  @OnDomainEvent('chat-room.deleted', 'anywhere')
  abandonRoom({ roomId }: DomainEvents['chat-room.deleted']): void {
    this.answers.abandon(roomId);
  }

  @OnDomainEvent('session.deleted', 'anywhere')
  abandonSession({ sessionId }: DomainEvents['session.deleted']): void {
    this.answers.abandon(sessionId);
  }
}
