import { Injectable, type OnModuleInit } from '@nestjs/common';
import { toChatRoomResponse } from '../../chat-rooms/dto/chat-room.response.dto.js';
import { RoomMembers } from '../../chat-rooms/room-members.js';
import { conversationRoom } from '../contract/room-names.js';
import { RoomViews } from '../delivery/room-views.js';
import { RoomWatchService } from '../delivery/room-watch.service.js';
import type { JoinedRoomAck } from '../dto/acks.dto.js';
import type { RoomRefDto } from '../dto/room-commands.dto.js';
import type { ChatSocket } from './chat-socket.js';
import { CommandDispatcher } from './command-dispatcher.js';
import { TypingCommands } from './typing-commands.js';

/** Looking at a chat room: who does gets its messages, who does not is only told that there is something new. */
@Injectable()
export class RoomViewCommands implements OnModuleInit {
  constructor(
    private readonly dispatcher: CommandDispatcher,
    private readonly watching: RoomWatchService,
    private readonly members: RoomMembers,
    private readonly views: RoomViews,
    private readonly typing: TypingCommands,
  ) {}

  onModuleInit(): void {
    const inOrderOf = ({ chatRoomId }: RoomRefDto): string => chatRoomId.toLowerCase();
    this.dispatcher.register({
      event: 'joinChatRoom',
      inOrderOf,
      handle: ({ chatRoomId, since }, { socket, reply }) =>
        this.join(socket, chatRoomId.toLowerCase(), since ?? undefined, reply),
    });
    this.dispatcher.register({
      event: 'leaveChatRoom',
      inOrderOf,
      handle: ({ chatRoomId }, { socket }) => this.leave(socket, chatRoomId.toLowerCase()),
    });
  }

  /** Forgets what a closed connection was looking at. */
  disconnected(socket: ChatSocket, conversationIds: readonly string[]): void {
    for (const id of conversationIds) if (socket.data.roomsInView.has(id)) this.tellLeft(socket, id);
  }

  private async join(
    socket: ChatSocket,
    chatRoomId: string,
    since: number | undefined,
    reply: (result: JoinedRoomAck) => void,
  ): Promise<void> {
    const isIn = socket.rooms.has(conversationRoom(chatRoomId));
    socket.data.roomsOpening.add(chatRoomId);
    try {
      await this.watching.open(socket.data.actor, chatRoomId, socket.id, since, ({ room, ...snapshot }) => {
        reply({ ...snapshot, chatRoom: toChatRoomResponse(room) });
        if (!socket.connected) return;
        void socket.join(conversationRoom(chatRoomId));
        socket.data.roomsInView.add(chatRoomId);
        socket.emit('joinedChatRoom', { chatRoomId });
        const { userId } = socket.data.actor;
        if (!isIn) this.views.tell(userId, chatRoomId, true);
      });
    } finally {
      socket.data.roomsOpening.delete(chatRoomId);
    }
  }

  private async leave(socket: ChatSocket, chatRoomId: string): Promise<void> {
    await this.members.assertMember(socket.data.actor.userId, chatRoomId);
    this.typing.end(socket.id, chatRoomId);
    const wasIn = socket.rooms.has(conversationRoom(chatRoomId));
    await socket.leave(conversationRoom(chatRoomId));
    socket.emit('leftChatRoom', { chatRoomId });
    if (wasIn) this.tellLeft(socket, chatRoomId);
    this.watching.release(chatRoomId);
  }

  private tellLeft(socket: ChatSocket, chatRoomId: string): void {
    socket.data.roomsInView.delete(chatRoomId);
    this.views.tell(socket.data.actor.userId, chatRoomId, false);
  }
}
