import { Injectable } from '@nestjs/common';
import { ChatRoomsService } from '../chat-rooms/chat-rooms.service.js';
import { ReceiptsService } from '../chat-rooms/receipts.service.js';
import type { ConversationKind, MessageRecord } from '../events/domain-events.js';
import { READ_FOR_PAGE, pageOfChanges, type ChangesPage } from './changes-page.js';
import { MessagesRepository } from './messages.repository.js';
import { RunningTexts } from './running-texts.js';

/** Reads conversations on behalf of the server itself, for connections that were let in before. */
@Injectable()
export class ConversationReader {
  constructor(
    private readonly messages: MessagesRepository,
    private readonly running: RunningTexts,
    private readonly rooms: ChatRoomsService,
    private readonly receipts: ReceiptsService,
  ) {}

  /** The first page of what changed after number `since`; null when the conversation is gone. */
  async changesSince(
    conversationId: string,
    since: number,
  ): Promise<(ChangesPage & { kind: ConversationKind }) | null> {
    const changes = await this.messages.changesSince(conversationId, since, READ_FOR_PAGE);
    if (!changes) return null;
    const { kind, head } = changes;
    const ofRoom = kind === 'room' ? await this.rooms.changesSince(conversationId, since) : null;
    const page = pageOfChanges(head, changes.messages, ofRoom);
    const messages = await this.receipts.withReadMarks(page.messages.map((message) => this.running.fill(message)));
    return { ...page, kind, messages };
  }

  /** A message as it is to be told now: one that is being written holds the text so far, the database does not. */
  current(message: MessageRecord): MessageRecord {
    return this.running.fill(message);
  }

  /** How far these conversations have come; those that are gone are left out. */
  headsOf(conversationIds: readonly string[]): Promise<Map<string, number>> {
    return this.messages.headsOf(conversationIds);
  }

  /** How many messages people see in each of these conversations; those without any are left out. */
  countShown(conversationIds: readonly string[]): Promise<Map<string, number>> {
    return this.messages.countShown(conversationIds);
  }
}
