import { Injectable, type OnModuleInit } from '@nestjs/common';
import { RoomMembers } from '../../chat-rooms/room-members.js';
import { AppError } from '../../common/errors/app-error.js';
import type { DomainEvents } from '../../events/domain-events.js';
import { OnDomainEvent } from '../../events/on-domain-event.js';
import { conversationRoom, userRoom } from '../contract/room-names.js';
import { serverEvent } from '../contract/server-events.js';
import { LiveHub } from '../delivery/live-hub.js';
import { Typing } from '../delivery/typing.js';
import { WatchService } from '../delivery/watch.service.js';
import type { ChatSocket } from './chat-socket.js';
import { CommandDispatcher } from './command-dispatcher.js';

/** `typing`, of which sessions and rooms each have their own shape. */
@Injectable()
export class TypingCommands implements OnModuleInit {
  private readonly typing = new Typing();

  constructor(
    private readonly dispatcher: CommandDispatcher,
    private readonly watching: WatchService,
    private readonly members: RoomMembers,
    private readonly hub: LiveHub,
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
  @OnDomainEvent('chat-room.member-removed')
  removed({ roomId, userId }: DomainEvents['chat-room.member-removed']): void {
    this.typing.endOf(userId, roomId);
  }

  @OnDomainEvent('chat-room.deleted')
  deleted({ roomId, memberIds }: DomainEvents['chat-room.deleted']): void {
    for (const userId of memberIds) this.typing.endOf(userId, roomId);
  }

  /** Ends what a connection was typing in one conversation, or everywhere. */
  end(socketId: string, conversationId?: string): void {
    this.typing.end(socketId, conversationId);
  }

  private async inSession(socket: ChatSocket, sessionId: string, typing: boolean): Promise<void> {
    await this.watching.assertCanWatch(socket.data.actor, sessionId);
    const { userId } = socket.data.actor;
    this.typing.set({ connectionId: socket.id, userId, conversationId: sessionId }, typing, (now) =>
      this.hub.publish(
        conversationRoom(sessionId),
        serverEvent('typing', { sessionId, userId, typing: now }),
        new Set([socket.id]),
      ),
    );
  }

  private async inRoom(socket: ChatSocket, chatRoomId: string, isTyping: boolean): Promise<void> {
    const { userId } = socket.data.actor;
    const tell = (now: boolean) =>
      this.hub.publishToMany(
        [conversationRoom(chatRoomId)],
        serverEvent('userTyping', { userId, chatRoomId, isTyping: now }),
        userRoom(userId),
      );
    await this.members.whileMember(userId, chatRoomId, () => {
      // Nobody hears of the end of a connection that has closed meanwhile.
      if (!socket.connected) return;
      this.typing.set({ connectionId: socket.id, userId, conversationId: chatRoomId }, isTyping, tell);
    });
  }
}
