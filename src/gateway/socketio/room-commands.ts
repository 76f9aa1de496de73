import { Injectable, type OnModuleInit } from '@nestjs/common';
import { ChatRoomsService } from '../../chat-rooms/chat-rooms.service.js';
import { toChatRoomResponse } from '../../chat-rooms/dto/chat-room.response.dto.js';
import { ReceiptsService } from '../../chat-rooms/receipts.service.js';
import { toEmoji } from '../../common/validation/emoji.js';
import { toMessageResponse } from '../../messages/dto/message.response.dto.js';
import type { SendRoomMessageDto } from '../../messages/dto/room-message.dto.js';
import { ReactionsService } from '../../messages/reactions.service.js';
import { MessagesService } from '../../messages/messages.service.js';
import { RoomMessages } from '../../messages/room-messages.service.js';
import { conversationRoom } from '../contract/room-names.js';
import { PresenceService } from '../delivery/presence.service.js';
import type { MessageAck } from '../dto/acks.dto.js';
import type { ChatSocket } from './chat-socket.js';
import { CommandDispatcher } from './command-dispatcher.js';
import { TypingCommands } from './typing-commands.js';

/** The commands about chat rooms, what is said in them and who is in them. */
@Injectable()
export class RoomCommands implements OnModuleInit {
  constructor(
    private readonly dispatcher: CommandDispatcher,
    private readonly rooms: ChatRoomsService,
    private readonly receipts: ReceiptsService,
    private readonly messages: MessagesService,
    private readonly roomMessages: RoomMessages,
    private readonly reactions: ReactionsService,
    private readonly presence: PresenceService,
    private readonly typing: TypingCommands,
  ) {}

  onModuleInit(): void {
    this.registerRooms();
    this.registerMessages();
    this.registerReactions();
    this.registerReceipts();
    this.dispatcher.register({
      event: 'presence',
      handle: async ({ userIds }, { socket }) => ({
        users: await this.presence.of(
          socket.data.actor.userId,
          userIds.map((id) => id.toLowerCase()),
        ),
      }),
    });
  }

  private registerRooms(): void {
    this.dispatcher.register({
      event: 'createChatRoom',
      handle: async (input, { socket }) => {
        const { room, isNew } = await this.rooms.create(socket.data.actor, input);
        const chatRoom = toChatRoomResponse(room);
        // Clients that wait for the event instead of the ack get it for a room that was there, too.
        if (!isNew) socket.emit('chatRoomCreated', { ...chatRoom, chatRoom });
        return { chatRoom };
      },
    });
    this.dispatcher.register({
      event: 'updateChatRoom',
      handle: async ({ chatRoomId, updates }, { socket }) => ({
        chatRoom: toChatRoomResponse(await this.rooms.update(socket.data.actor, chatRoomId.toLowerCase(), updates)),
      }),
    });
    this.dispatcher.register({
      event: 'addParticipants',
      handle: async ({ chatRoomId, participantIds }, { socket }) => {
        await this.rooms.addParticipants(socket.data.actor, chatRoomId.toLowerCase(), participantIds);
      },
    });
    this.dispatcher.register({
      event: 'removeParticipant',
      handle: ({ chatRoomId, participantId }, { socket }) =>
        this.rooms.removeParticipant(socket.data.actor, chatRoomId.toLowerCase(), participantId.toLowerCase()),
    });
  }

  private registerMessages(): void {
    this.dispatcher.register({
      event: 'sendMessage',
      inOrderOf: ({ chatRoomId }) => chatRoomId.toLowerCase(),
      handle: (input, { socket, letNext }) => this.send(socket, input, letNext),
    });
    this.dispatcher.register({
      event: 'editMessage',
      handle: async ({ messageId, content }, { socket }) => ({
        message: toMessageResponse(await this.messages.edit(socket.data.actor, messageId.toLowerCase(), content)),
      }),
    });
    this.dispatcher.register({
      event: 'deleteMessage',
      handle: async ({ messageId }, { socket }) => {
        await this.messages.remove(socket.data.actor, messageId.toLowerCase());
      },
    });
  }

  private registerReactions(): void {
    this.dispatcher.register({
      event: 'react',
      inOrderOf: ({ messageId }) => messageId.toLowerCase(),
      handle: async ({ messageId, emoji, on }, { socket }) => ({
        message: toMessageResponse(
          await this.reactions.react(socket.data.actor, messageId.toLowerCase(), toEmoji(emoji) ?? emoji, on),
        ),
      }),
    });
  }

  private registerReceipts(): void {
    for (const [event, kind] of [
      ['messageRead', 'read'],
      ['messageDelivered', 'delivered'],
    ] as const)
      this.dispatcher.register({
        event,
        handle: async (input, { socket }) => {
          const messageId = input.messageId.toLowerCase();
          await this.receipts.markMessage(socket.data.actor, input.chatRoomId.toLowerCase(), messageId, kind);
          if (kind === 'delivered') socket.emit('messageDeliveredConfirmed', { messageId });
        },
      });
  }

  private async send(socket: ChatSocket, input: SendRoomMessageDto, letNext: () => void): Promise<MessageAck> {
    const chatRoomId = input.chatRoomId.toLowerCase();
    const { message: stored, isReplay } = await this.roomMessages.send(socket.data.actor, input, letNext);
    this.typing.end(socket.id, chatRoomId);
    const message = toMessageResponse(stored);
    const isLooking = socket.rooms.has(conversationRoom(chatRoomId)) || socket.data.roomsOpening.has(chatRoomId);
    // Whoever speaks without looking at the room hears it, too.
    if (!isReplay && !isLooking) socket.emit('newMessage', { chatRoomId, message });
    if (isReplay) {
      const { clientMessageId } = message;
      const sent = { messageId: message.id, chatRoomId, ...(clientMessageId === undefined ? {} : { clientMessageId }) };
      socket.emit('messageSent', sent);
    }
    return { message };
  }
}
