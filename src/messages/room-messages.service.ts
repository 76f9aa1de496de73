import { Injectable } from '@nestjs/common';
import { RoomMembers } from '../chat-rooms/room-members.js';
import type { Actor } from '../common/actor.js';
import { AppError } from '../common/errors/app-error.js';
import { newId } from '../common/ids.js';
import { DomainEventBus } from '../events/domain-event-bus.js';
import type { MessageRecord } from '../events/domain-events.js';
import { MentionsService } from './mentions.service.js';
import { MessageAppender, type Appended } from './message-appender.js';
import { MessagesRepository } from './messages.repository.js';

export interface SendToRoom {
  chatRoomId: string;
  content: string;
  clientMessageId?: string;
  replyToId?: string;
  fileUrl?: string;
  fileName?: string;
  fileSize?: number;
}

/** What people say in rooms. */
@Injectable()
export class RoomMessages {
  constructor(
    private readonly members: RoomMembers,
    private readonly messages: MessagesRepository,
    private readonly mentions: MentionsService,
    private readonly appender: MessageAppender,
    private readonly events: DomainEventBus,
  ) {}

  /**
   * Stores a message in a room that the actor is in; the actor has then read everything up to it.
   * @throws AppError CHAT_ROOM_NOT_FOUND | IDEMPOTENCY_KEY_REUSED | MESSAGE_NOT_FOUND (replyToId)
   */
  async send(actor: Actor, input: SendToRoom): Promise<Appended> {
    const conversationId = input.chatRoomId.toLowerCase();
    await this.members.assertMember(actor.userId, conversationId);
    const message = {
      id: newId(),
      conversationId,
      role: 'user' as const,
      senderId: actor.userId,
      content: input.content,
      status: 'complete' as const,
      clientMessageId: input.clientMessageId ?? null,
      replyToId: input.replyToId?.toLowerCase() ?? null,
      model: null,
      answerDue: false,
      fileUrl: input.fileUrl ?? null,
      fileName: input.fileName ?? null,
      fileSize: input.fileSize ?? null,
    };
    const twin = await this.messages.findTwin(message);
    if (twin) return { message: twin, isReplay: true };
    if (message.replyToId !== null) await this.assertInRoom(message.replyToId, conversationId);
    const mentions = await this.mentions.namedIn(conversationId, input.content, actor.userId);
    const appended = await this.appender.append({ ...message, mentions });
    if (!appended.isReplay) this.tell(appended.message);
    return appended;
  }

  private tell(message: MessageRecord): void {
    this.events.publish('message.created', { message });
    const { mentions: userIds } = message;
    if (userIds.length > 0) this.events.publish('message.mentioned', { message, userIds });
  }

  private async assertInRoom(messageId: string, conversationId: string): Promise<void> {
    const message = await this.messages.find(messageId);
    if (message?.conversationId !== conversationId)
      throw new AppError('MESSAGE_NOT_FOUND', { message: 'replyToId is not a message of this conversation.' });
  }
}
