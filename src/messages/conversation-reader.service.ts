import { Injectable } from '@nestjs/common';
import type { MessageRecord } from '../events/domain-events.js';
import { MessagesRepository } from './messages.repository.js';
import { RunningTexts } from './running-texts.js';

const REPAIR_PAGE = 500;

/** Reads conversations on behalf of the server itself, for connections that were let in before. */
@Injectable()
export class ConversationReader {
  constructor(
    private readonly messages: MessagesRepository,
    private readonly running: RunningTexts,
  ) {}

  /**
   * The first messages that changed after number `since`, by that change; of what was numbered up to `upTo` none is missing.
   * Null when the conversation is gone.
   */
  async changesSince(
    conversationId: string,
    since: number,
  ): Promise<{ messages: MessageRecord[]; upTo: number } | null> {
    const changes = await this.messages.changesSince(conversationId, since, REPAIR_PAGE);
    if (!changes) return null;
    const messages = changes.messages.map((message) => this.running.fill(message));
    const isWhole = messages.length < REPAIR_PAGE;
    return { messages, upTo: isWhole ? changes.head : (messages.at(-1)?.changeSeq ?? since) };
  }

  /** A message as it is to be told now: one that is being written holds the text so far, the database does not. */
  current(message: MessageRecord): MessageRecord {
    return this.running.fill(message);
  }

  /** How many messages people see in each of these conversations; those without any are left out. */
  countShown(conversationIds: readonly string[]): Promise<Map<string, number>> {
    return this.messages.countShown(conversationIds);
  }
}
