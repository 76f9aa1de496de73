import { Injectable } from '@nestjs/common';
import { RoomMembers } from '../chat-rooms/room-members.js';
import type { Actor } from '../common/actor.js';
import { AppError } from '../common/errors/app-error.js';
import { isUuid } from '../common/ids.js';
import { BoundedMap } from '../common/limits/bounded-map.js';
import type { ConversationKind, MessageRecord } from '../events/domain-events.js';
import { SessionsService } from '../sessions/sessions.service.js';

/** What the actor is told when a conversation is absent or not theirs; some doors lead to one kind only. */
export type AbsentCode = 'CONVERSATION_NOT_FOUND' | 'MESSAGE_NOT_FOUND' | 'SESSION_NOT_FOUND' | 'CHAT_ROOM_NOT_FOUND';

const MOST_KNOWN = 10_000;

/** Who may see which conversation. */
@Injectable()
export class ConversationAccess {
  /** A conversation never changes its kind. */
  private readonly kinds = new BoundedMap<string, ConversationKind>(MOST_KNOWN);

  constructor(
    private readonly sessions: SessionsService,
    private readonly members: RoomMembers,
  ) {}

  /**
   * The kind of a conversation that the actor may read. `SESSION_NOT_FOUND` and `CHAT_ROOM_NOT_FOUND` take that kind only.
   * @throws AppError `absent` when it is absent or not theirs
   */
  async assertCanRead(
    actor: Actor,
    conversationId: string,
    absent: AbsentCode = 'CONVERSATION_NOT_FOUND',
  ): Promise<ConversationKind> {
    if (!isUuid(conversationId)) throw new AppError(absent);
    const known = this.kinds.get(conversationId);
    for (const kind of known ? [known] : (['session', 'room'] as const)) {
      if (absent === (kind === 'session' ? 'CHAT_ROOM_NOT_FOUND' : 'SESSION_NOT_FOUND')) continue;
      if (!(await this.isIn(actor, conversationId, kind))) continue;
      if (!known) this.kinds.set(conversationId, kind);
      return kind;
    }
    throw new AppError(absent);
  }

  /** Whether the actor, who may read it, may empty this message: whoever wrote it, the owner of a session, who runs a room. */
  async mayRemove(actor: Actor, message: MessageRecord): Promise<boolean> {
    if (message.senderId === actor.userId || message.kind === 'session') return true;
    if (message.kind !== 'room') return false;
    return (await this.members.assertMember(actor.userId, message.conversationId)) !== 'MEMBER';
  }

  private async isIn(actor: Actor, conversationId: string, kind: ConversationKind): Promise<boolean> {
    if (kind === 'telegram') return false;
    try {
      if (kind === 'session') await this.sessions.assertOwner(actor.userId, conversationId);
      else await this.members.assertMember(actor.userId, conversationId);
      return true;
    } catch (error) {
      const codes = ['SESSION_NOT_FOUND', 'CHAT_ROOM_NOT_FOUND'];
      if (error instanceof AppError && codes.includes(error.code)) return false;
      throw error;
    }
  }
}
