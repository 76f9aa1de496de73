import { Injectable } from '@nestjs/common';
import type { DomainEvents } from '../events/domain-events.js';
import { OnDomainEvent } from '../events/on-domain-event.js';
import { AnswerPreviews } from './answer-previews.service.js';

@Injectable()
export class AnswerPreviewsListener {
  constructor(private readonly previews: AnswerPreviews) {}

  @OnDomainEvent('message.created')
  begin({ message }: DomainEvents['message.created']): void {
    if (message.kind === 'telegram' && message.status === 'streaming') this.previews.begin(message);
  }

  @OnDomainEvent('answer.delta')
  grow(delta: DomainEvents['answer.delta']): void {
    if (delta.kind === 'telegram') this.previews.grow(delta);
  }

  @OnDomainEvent('message.updated')
  end({ message }: DomainEvents['message.updated']): void {
    if (message.kind === 'telegram' && message.status !== 'streaming') this.previews.end(message);
  }
}
