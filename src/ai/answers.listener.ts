import { Injectable } from '@nestjs/common';
import type { DomainEvents } from '../events/domain-events.js';
import { OnDomainEvent } from '../events/on-domain-event.js';
import { AnswersService } from './answers.service.js';

@Injectable()
export class AnswersListener {
  constructor(private readonly answers: AnswersService) {}

  @OnDomainEvent('answer.due')
  async answer({ conversationId }: DomainEvents['answer.due']): Promise<void> {
    await this.answers.answerIfDue(conversationId);
  }

  /** A message that was deleted while it was being written needs no more text. */
  @OnDomainEvent('message.updated')
  abandonDeleted({ message }: DomainEvents['message.updated']): void {
    if (message.deletedAt !== null && message.status === 'streaming')
      this.answers.abandon(message.conversationId, message.id);
  }

  @OnDomainEvent('session.deleted')
  abandonSession({ sessionId }: DomainEvents['session.deleted']): void {
    this.answers.abandon(sessionId);
  }
}
