import { ApiProperty } from '@nestjs/swagger';
import { ROLES, type Role } from '../../common/actor.js';
import type { ChatRoomType, MessageRole, MessageSender, ParticipantRole } from '../../events/domain-events.js';
import { displayName } from '../../users/user.js';
import type { ChatRoomRecord, ChatRoomView, LastRoomMessage, ParticipantRecord } from '../chat-room.js';

/** A person as others in a room see it. */
export class RoomPersonResponse {
  id: string;
  /** What to call the person; empty when nothing is known. */
  name: string;
  firstName: string | null;
  lastName: string | null;
  @ApiProperty({ enum: ROLES })
  role: Role;
  avatarUrl: string | null;
}

export class ParticipantResponse {
  /** The same as `userId`: a person is in a room once. */
  id: string;
  userId: string;
  @ApiProperty({ enum: ['OWNER', 'ADMIN', 'MEMBER'] })
  role: ParticipantRole;
  joinedAt: string;
  /** In answers of a sync, when the person is not in the room any more. */
  leftAt?: string;
  /** Everything up to this number is read. */
  lastReadSeq: number;
  /** Everything up to this number has reached the person. */
  lastDeliveredSeq: number;
  /** The number of the latest change of this place in the room. */
  changeSeq: number;
  user: RoomPersonResponse;
}

export class LastRoomMessageResponse {
  id: string;
  seq: number;
  @ApiProperty({ enum: ['user', 'assistant', 'operator', 'customer', 'system'] })
  role: MessageRole;
  senderId: string | null;
  /** Its first 200 characters. */
  content: string;
  createdAt: string;
}

/** The settings of a room. */
export class RoomSettingsResponse {
  id: string;
  name: string | null;
  @ApiProperty({ enum: ['DIRECT', 'GROUP'] })
  type: ChatRoomType;
  isArchived: boolean;
  /** The number of the latest change of its name or archive mark; 0 when there was none. */
  changeSeq: number;
  createdAt: string;
  /** The latest activity. */
  updatedAt: string;
}

/** A room of people; its id is also the id of its conversation. */
export class ChatRoomResponse extends RoomSettingsResponse {
  /** Messages after your `lastReadSeq`. */
  unreadCount: number;
  /** The newest message that is not deleted. */
  lastMessage?: LastRoomMessageResponse;
  /** Everybody who is in, the longest-standing first. */
  participants: ParticipantResponse[];
}

/** It is done. */
export class RoomDoneResponse {
  ok: true;
}

export const toRoomSettings = (room: ChatRoomRecord): RoomSettingsResponse => ({
  id: room.id,
  name: room.name,
  type: room.type,
  isArchived: room.isArchived,
  changeSeq: room.changeSeq,
  createdAt: room.createdAt.toISOString(),
  updatedAt: room.updatedAt.toISOString(),
});

export const toChatRoomResponse = (room: ChatRoomView): ChatRoomResponse => ({
  ...toRoomSettings(room),
  unreadCount: room.unreadCount,
  ...(room.lastMessage ? { lastMessage: toLastMessage(room.lastMessage) } : {}),
  participants: room.participants.map(toParticipantResponse),
});

export const toParticipantResponse = (participant: ParticipantRecord): ParticipantResponse => ({
  id: participant.userId,
  userId: participant.userId,
  role: participant.role,
  joinedAt: participant.joinedAt.toISOString(),
  ...(participant.leftAt ? { leftAt: participant.leftAt.toISOString() } : {}),
  lastReadSeq: participant.lastReadSeq,
  lastDeliveredSeq: participant.lastDeliveredSeq,
  changeSeq: participant.changeSeq,
  user: toRoomPerson(participant.user),
});

export const toRoomPerson = (user: MessageSender): RoomPersonResponse => ({
  id: user.id,
  name: displayName(user),
  firstName: user.firstName,
  lastName: user.lastName,
  role: user.role,
  avatarUrl: user.avatarUrl,
});

const toLastMessage = ({ createdAt, ...message }: LastRoomMessage): LastRoomMessageResponse => ({
  ...message,
  createdAt: createdAt.toISOString(),
});
