import { Injectable } from '@nestjs/common';
import { RoomMembers } from '../chat-rooms/room-members.js';
import type { Actor } from '../common/actor.js';
import { AppError } from '../common/errors/app-error.js';
import { newId } from '../common/ids.js';
import { DomainEventBus } from '../events/domain-event-bus.js';
import type { MessageRecord } from '../events/domain-events.js';
import { AnswerAdmission } from './answer-admission.js';
import { MentionsService } from './mentions.service.js';
import { MessageAppender, type Appended } from './message-appender.js';
import { asksAssistant } from './mentioned-names.js';
import { MessagePace } from './message-pace.js';
import type { NewMessage } from './message-log.repository.js';
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

/** The most questions to the assistant that wait in one room. */
const MOST_WAITING = 20;

/** What people say in rooms. */
@Injectable()
export class RoomMessages {
  constructor(
    private readonly members: RoomMembers,
    private readonly messages: MessagesRepository,
    private readonly mentions: MentionsService,
    private readonly appender: MessageAppender,
    private readonly pace: MessagePace,
    private readonly admission: AnswerAdmission,
    private readonly events: DomainEventBus,
  ) {}

  /**
   * Stores a message in a room that the actor is in; the actor has then read everything up to it. With `@assistant` in it the
   * assistant owes an answer, for which the actor pays. `onPlaced` is called when its place among the messages of this node
   * is certain, long before it is stored: those that follow then go in the same commit.
   * @throws AppError CHAT_ROOM_NOT_FOUND | IDEMPOTENCY_KEY_REUSED | MESSAGE_NOT_FOUND (replyToId)
   * @throws AppError RATE_LIMITED | TOKEN_QUOTA_EXCEEDED | SERVER_BUSY of a question to the assistant
   */
  async send(actor: Actor, input: SendToRoom, onPlaced?: () => void): Promise<Appended> {
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
      answerDue: asksAssistant(input.content),
      fileUrl: input.fileUrl ?? null,
      fileName: input.fileName ?? null,
      fileSize: input.fileSize ?? null,
    };
    const twin = await this.messages.findTwin(message);
    if (twin) return { message: twin, isReplay: true };
    if (message.replyToId !== null) await this.assertInRoom(message.replyToId, conversationId);
    const mentions = await this.mentions.namedIn(conversationId, input.content, actor.userId);
    const takeBack = message.answerDue ? await this.admit(actor, message) : undefined;
    try {
      const appending = this.append({ ...message, mentions });
      onPlaced?.();
      const appended = await appending;
      if (!appended.isReplay) this.tell(appended.message, message.answerDue);
      return appended;
    } catch (error) {
      takeBack?.();
      throw error;
    }
  }

  /** Asks for room for a question; the returned function gives its place in the pace back. */
  private async admit(
    actor: Actor,
    { id, conversationId, clientMessageId }: { id: string; conversationId: string; clientMessageId: string | null },
  ): Promise<() => void> {
    await this.admission.assertMayAsk(actor);
    if ((await this.messages.countWaiting(conversationId)) >= MOST_WAITING)
      throw new AppError('RATE_LIMITED', {
        message: 'Too many questions to the assistant are waiting in this chat room.',
        retryAfterSeconds: 10,
      });
    return this.pace.admitEverywhere(actor.userId, `${conversationId} ${clientMessageId ?? id}`);
  }

  private tell(message: MessageRecord, isQuestion: boolean): void {
    this.events.publish('message.created', { message });
    const { mentions: userIds } = message;
    if (userIds.length > 0) this.events.publish('message.mentioned', { message, userIds });
    if (isQuestion) this.events.publish('answer.due', { conversationId: message.conversationId, kind: 'room' });
  }

  /** Between the look at the members and the room's lock somebody may be removed, or the room deleted. */
  private async append(message: NewMessage): Promise<Appended> {
    try {
      return await this.appender.append(message);
    } catch (error) {
      const isGone = error instanceof AppError && error.code === 'CONVERSATION_NOT_FOUND';
      throw isGone ? new AppError('CHAT_ROOM_NOT_FOUND') : error;
    }
  }

  private async assertInRoom(messageId: string, conversationId: string): Promise<void> {
    const message = await this.messages.find(messageId);
    if (message?.conversationId !== conversationId)
      throw new AppError('MESSAGE_NOT_FOUND', { message: 'replyToId is not a message of this conversation.' });
  }
}
