import { Injectable } from '@nestjs/common';
import type { Actor } from '../common/actor.js';
import { decodeIdCursor, toPage, type Page } from '../common/pagination/page.js';
import type { MessageRecord } from '../events/domain-events.js';
import { ConversationAccess } from './conversation-access.js';
import { MessageSearchRepository } from './message-search.repository.js';

@Injectable()
export class MessageSearchService {
  constructor(
    private readonly access: ConversationAccess,
    private readonly repository: MessageSearchRepository,
  ) {}

  /** Messages that the actor may see and that contain the words, newest first. @throws AppError CONVERSATION_NOT_FOUND | INVALID_CURSOR */
  async search(
    actor: Actor,
    query: { q: string; conversationId?: string; cursor?: string; limit: number },
  ): Promise<Page<MessageRecord>> {
    if (query.conversationId !== undefined) await this.access.assertCanRead(actor, query.conversationId);
    const rows = await this.repository.searchSeenBy({
      userId: actor.userId,
      words: query.q,
      conversationId: query.conversationId,
      beforeId: query.cursor === undefined ? null : decodeIdCursor(query.cursor),
      limit: query.limit + 1,
    });
    return toPage(rows, query.limit, (message) => [message.id]);
  }
}
