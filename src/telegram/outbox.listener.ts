import { Injectable } from '@nestjs/common';
import type { DomainEvents } from '../events/domain-events.js';
import { WithDomainEvent } from '../events/on-domain-event.js';
import { ClosingNotices } from './closing-notices.service.js';
import { OutboxService } from './outbox.service.js';

/** What is said in a conversation of Telegram leaves by the outbox. */
@Injectable()
export class OutboxListener {
  constructor(
    private readonly outbox: OutboxService,
    private readonly closings: ClosingNotices,
  ) {}

  @WithDomainEvent('message.created')
  async relayNew({ message }: DomainEvents['message.created']): Promise<void> {
    if (message.kind === 'telegram') await this.outbox.relay(message);
  }

  /** An answer is there when it has ended. */
  @WithDomainEvent('message.updated')
  async relayAnswer({ message, finished }: DomainEvents['message.updated']): Promise<void> {
    if (message.kind === 'telegram' && finished === true) await this.outbox.relay(message);
  }

  @WithDomainEvent('support-chat.status-changed')
  async askForRating({ chatId, cause }: DomainEvents['support-chat.status-changed']): Promise<void> {
    if (cause === 'closed') await this.closings.tell(chatId);
  }
}
