import { Injectable } from '@nestjs/common';
import type { MessageRecord } from '../events/domain-events.js';
import { MessagesRepository } from './messages.repository.js';

const REPAIR_PAGE = 500;

/** Reads conversations on behalf of the server itself, for connections that were let in before. */
@Injectable()
export class ConversationReader {
  constructor(private readonly messages: MessagesRepository) {}

  /** The first messages that changed after number `since`, by that change. */
  async changesSince(conversationId: string, since: number): Promise<MessageRecord[]> {
    return (await this.messages.changesSince(conversationId, since, REPAIR_PAGE))?.messages ?? [];
  }

  /** How many messages people see in each of these conversations; those without any are left out. */
  countShown(conversationIds: readonly string[]): Promise<Map<string, number>> {
    return this.messages.countShown(conversationIds);
  }
}
