import { toChatRoomResponse } from '../../chat-rooms/dto/chat-room.response.dto.js';
import type { ChatRoomView } from '../../chat-rooms/chat-room.js';
import type { DomainEvents, MessageRecord } from '../../events/domain-events.js';
import { toMessageResponse } from '../../messages/dto/message.response.dto.js';
import { serverEvent, type ServerEvent } from '../contract/server-events.js';
import type { SharedRoomResponse } from '../dto/room-events.dto.js';

/** How the native dialect tells what happens in chat rooms. */

export const newRoomMessage = (message: MessageRecord): ServerEvent =>
  serverEvent('newMessage', { chatRoomId: message.conversationId, message: toMessageResponse(message) });

export function updatedRoomMessage(message: MessageRecord): ServerEvent {
  const { id: messageId, conversationId: chatRoomId, changeSeq, deletedAt } = message;
  if (deletedAt !== null)
    return serverEvent('messageDeleted', { chatRoomId, messageId, changeSeq, deletedAt: deletedAt.toISOString() });
  return serverEvent('messageUpdated', { chatRoomId, message: toMessageResponse(message) });
}

export function roomReaction({ message, emoji, userId, on }: DomainEvents['message.reacted']): ServerEvent {
  const { id: messageId, conversationId: chatRoomId, changeSeq, reactions } = message;
  return serverEvent('messageReaction', { chatRoomId, messageId, emoji, userId, on, changeSeq, reactions });
}

export function toSharedRoom(room: ChatRoomView): SharedRoomResponse {
  const { unreadCount: _, lastMessage: __, ...shared } = toChatRoomResponse(room);
  return shared;
}
