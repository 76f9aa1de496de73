import { ApiProperty, OmitType, PartialType } from '@nestjs/swagger';
import {
  ChatRoomResponse,
  ParticipantResponse,
  RoomSettingsResponse,
} from '../../chat-rooms/dto/chat-room.response.dto.js';
import { MessageResponse, ReactionResponse } from '../../messages/dto/message.response.dto.js';

/** A room as everybody in it sees it alike. */
export class SharedRoomResponse extends RoomSettingsResponse {
  /** Everybody who is in, the longest-standing first. */
  participants: ParticipantResponse[];
}

/** The room's fields, and the room once more as one. */
export class ChatRoomCreatedEvent extends ChatRoomResponse {
  chatRoom: ChatRoomResponse;
}

export class ChatRoomUpdatedEvent {
  chatRoomId: string;
  updatedChatRoom: SharedRoomResponse;
  /** A person's id; null when the change is told afterwards. */
  @ApiProperty({ type: String, nullable: true })
  updatedBy: string | null;
  updatedAt: string;
  /** The number of this change. */
  changeSeq: number;
}

/** Which room it is about. */
export class RoomRefEvent {
  chatRoomId: string;
}

/** Somebody else began or ended to look at the room. */
export class RoomPersonEvent {
  userId: string;
  chatRoomId: string;
}

export class RoomMessageEvent {
  chatRoomId: string;
  message: MessageResponse;
}

/** A message is stored. */
export class MessageSentEvent {
  messageId: string;
  chatRoomId: string;
  clientMessageId?: string;
}

export class MessageDeletedEvent {
  chatRoomId: string;
  messageId: string;
  /** The number of the deletion. */
  changeSeq: number;
  deletedAt: string;
}

export class UserTypingEvent {
  userId: string;
  chatRoomId: string;
  isTyping: boolean;
}

/** The message, and all before it, reached somebody. */
export class MessageDeliveredEvent {
  messageId: string;
}

/** The message, and all before it, was read. */
export class MessageReadEvent {
  messageId: string;
  chatRoomId: string;
  /** A person's id. */
  readBy: string;
}

export class ParticipantsAddedEvent {
  chatRoomId: string;
  newParticipants: ParticipantResponse[];
  /** A person's id. */
  addedBy: string;
  /** The number of this change. */
  changeSeq: number;
}

export class AddedToRoomEvent {
  chatRoomId: string;
  /** A person's id. */
  addedBy: string;
}

export class ParticipantRemovedEvent {
  chatRoomId: string;
  removedUserId: string;
  /** A person's id; the same when somebody left. */
  removedBy: string;
  /** The number of this change. */
  changeSeq: number;
}

/** What changed of somebody's place in a room; what is absent is as it was. */
export class ParticipantChange extends PartialType(OmitType(ParticipantResponse, ['userId', 'changeSeq'] as const)) {
  userId: string;
  /** The number of the latest change of this place. */
  changeSeq: number;
}

/** The numbers `from`…`changeSeq` moved people's positions, or changed their places while the reader was away. */
export class ParticipantsChangedEvent {
  chatRoomId: string;
  from: number;
  changeSeq: number;
  /** In rooms of more than 100 people left empty while they move. */
  participants: ParticipantChange[];
}

export class RemovedFromRoomEvent {
  chatRoomId: string;
  /** A person's id. */
  removedBy: string;
}

/** A message names somebody. */
export class MentionedEvent {
  chatRoomId: string;
  messageId: string;
  /** The message's place. */
  seq: number;
  /** A person's id. */
  @ApiProperty({ type: String, nullable: true })
  mentionedBy: string | null;
}

/** Somebody put an emoji on a message, or took it off. */
export class MessageReactionEvent {
  chatRoomId: string;
  messageId: string;
  emoji: string;
  userId: string;
  on: boolean;
  /** The number of this change. */
  changeSeq: number;
  /** All of the message after this. */
  reactions: ReactionResponse[];
}

/** Whether somebody is here; `lastSeenAt` is null of people who are, and of those who never were. */
export class PresenceState {
  userId: string;
  online: boolean;
  lastSeenAt: string | null;
}
