import { Injectable, type OnModuleInit } from '@nestjs/common';
import { RoomMembers } from '../../chat-rooms/room-members.js';
import { AppError } from '../../common/errors/app-error.js';
import { DomainEventBus } from '../../events/domain-event-bus.js';
import type { DomainEvents } from '../../events/domain-events.js';
import { OnDomainEvent } from '../../events/on-domain-event.js';
import { conversationRoom, userRoom } from '../contract/room-names.js';
import { serverEvent } from '../contract/server-events.js';
import { LiveHub } from '../delivery/live-hub.js';
import { Typing, TYPING_MS } from '../delivery/typing.js';
import { WatchService } from '../delivery/watch.service.js';
import type { ChatSocket } from './chat-socket.js';
import { CommandDispatcher } from './command-dispatcher.js';

/** `typing`, of which sessions and rooms each have their own shape. */
@Injectable()
export class TypingCommands implements OnModuleInit {
  private readonly typing = new Typing();
  /** Those of other nodes; their renewals take a way. */
  private readonly distant = new Typing(TYPING_MS * 2);

  constructor(
    private readonly dispatcher: CommandDispatcher,
    private readonly watching: WatchService,
    private readonly members: RoomMembers,
    private readonly hub: LiveHub,
    private readonly events: DomainEventBus,
  ) {}

  onModuleInit(): void {
    this.dispatcher.register({
      event: 'typing',
      handle: async (input, { socket }) => {
        const { sessionId, typing, chatRoomId, isTyping } = input;
        if (sessionId != null && typing != null && chatRoomId == null && isTyping == null)
          await this.inSession(socket, sessionId.toLowerCase(), typing);
        else if (chatRoomId != null && isTyping != null && sessionId == null && typing == null)
          await this.inRoom(socket, chatRoomId.toLowerCase(), isTyping);
        else
          throw new AppError('VALIDATION_FAILED', {
            message: 'Give sessionId and typing, or chatRoomId and isTyping.',
          });
      },
    });
  }

  /** Whoever is out of a room types there no longer. */
  @OnDomainEvent('chat-room.member-removed', 'anywhere')
  removed({ roomId, userId }: DomainEvents['chat-room.member-removed']): void {
    for (const typing of [this.typing, this.distant]) typing.endOf(userId, roomId);
  }

  @OnDomainEvent('conversation.typing', 'elsewhere')
  typedElsewhere(event: DomainEvents['conversation.typing']): void {
    const { kind, conversationId, userId, isTyping } = event;
    const tell = kind === 'room' ? this.tellRoom : this.tellSession;
    this.distant.set(event, isTyping, (now) => tell(conversationId, userId, now));
  }

  @OnDomainEvent('chat-room.deleted', 'anywhere')
  deleted({ roomId, memberIds }: DomainEvents['chat-room.deleted']): void {
    for (const userId of memberIds) for (const typing of [this.typing, this.distant]) typing.endOf(userId, roomId);
  }

  /** Ends what a connection was typing in one conversation, or everywhere. */
  end(socketId: string, conversationId?: string): void {
    this.typing.end(socketId, conversationId);
  }

  private async inSession(socket: ChatSocket, sessionId: string, typing: boolean): Promise<void> {
    await this.watching.assertCanWatch(socket.data.actor, sessionId);
    this.typed(socket, 'session', sessionId, typing);
  }

  private async inRoom(socket: ChatSocket, chatRoomId: string, isTyping: boolean): Promise<void> {
    await this.members.whileMember(socket.data.actor.userId, chatRoomId, () => {
      // Nobody hears of the end of a connection that has closed meanwhile.
      if (socket.connected) this.typed(socket, 'room', chatRoomId, isTyping);
    });
  }

  private typed(socket: ChatSocket, kind: 'session' | 'room', conversationId: string, isTyping: boolean): void {
    const who = { connectionId: socket.id, userId: socket.data.actor.userId, conversationId };
    const tellElsewhere = (now: boolean) => this.events.publish('conversation.typing', { ...who, kind, isTyping: now });
    this.typing.set(who, isTyping, (now) => {
      if (kind === 'room') this.tellRoom(conversationId, who.userId, now);
      else this.tellSession(conversationId, who.userId, now, socket.id);
      if (!now) tellElsewhere(false);
    });
    if (isTyping) tellElsewhere(true);
  }

  private readonly tellSession = (sessionId: string, userId: string, typing: boolean, except?: string): void => {
    const event = serverEvent('typing', { sessionId, userId, typing });
    this.hub.publish(conversationRoom(sessionId), event, except === undefined ? null : new Set([except]));
  };

  private readonly tellRoom = (chatRoomId: string, userId: string, isTyping: boolean): void => {
    const event = serverEvent('userTyping', { userId, chatRoomId, isTyping });
    this.hub.publishToMany([conversationRoom(chatRoomId)], event, userRoom(userId));
  };
}
