import { Injectable } from '@nestjs/common';
import type { Actor } from '../common/actor.js';
import { AppError } from '../common/errors/app-error.js';
import type { ErrorCode } from '../common/errors/error-catalogue.js';
import { isUuid } from '../common/ids.js';
import type { ConversationKind } from '../events/domain-events.js';
import { SessionsService } from '../sessions/sessions.service.js';

/** Who may see which conversation. */
@Injectable()
export class ConversationAccess {
  constructor(private readonly sessions: SessionsService) {}

  /**
   * The kind of a conversation that the actor may read.
   * @throws AppError `absent` when it is absent or not theirs
   */
  async assertCanRead(
    actor: Actor,
    conversationId: string,
    absent: ErrorCode = 'CONVERSATION_NOT_FOUND',
  ): Promise<ConversationKind> {
    if (!isUuid(conversationId)) throw new AppError(absent);
    try {
      await this.sessions.assertOwner(actor.userId, conversationId);
      return 'session';
    } catch (error) {
      throw error instanceof AppError && error.code === 'SESSION_NOT_FOUND' ? new AppError(absent) : error;
    }
  }
}
