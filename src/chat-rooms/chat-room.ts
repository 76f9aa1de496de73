import type { Role } from '../common/actor.js';
import type { ChatRoomType, MessageRole, ParticipantRole } from '../events/domain-events.js';

/** The most people in one room. */
export const MOST_PARTICIPANTS = 1_000;

/** A room as it is stored; its id is that of its conversation. */
export interface ChatRoomRecord {
  id: string;
  type: ChatRoomType;
  name: string | null;
  isArchived: boolean;
  /** The number of the latest change of its name or archive mark; 0 when there was none. */
  changeSeq: number;
  createdAt: Date;
  /** The latest activity: a message, a change of its settings or of who is in it. */
  updatedAt: Date;
}

/** What others in a room see of a person. */
export interface ParticipantUser {
  id: string;
  name: string | null;
  firstName: string | null;
  lastName: string | null;
  username: string | null;
  role: Role;
  avatarUrl: string | null;
}

export interface ParticipantRecord {
  conversationId: string;
  userId: string;
  role: ParticipantRole;
  joinedAt: Date;
  /** null while the person is in. */
  leftAt: Date | null;
  lastReadSeq: number;
  lastDeliveredSeq: number;
  /** The number of the latest change of this place in the room. */
  changeSeq: number;
  user: ParticipantUser;
}

/** The newest message that is not deleted. */
export interface LastRoomMessage {
  id: string;
  seq: number;
  role: MessageRole;
  senderId: string | null;
  /** Its first 200 characters. */
  content: string;
  createdAt: Date;
}

/** A room as one of the people in it sees it. */
export interface ChatRoomView extends ChatRoomRecord {
  unreadCount: number;
  lastMessage: LastRoomMessage | null;
  participants: ParticipantRecord[];
}

/** What of a room itself changed after a number. */
export interface RoomChanges {
  /** Its settings; null when they did not. */
  room: ChatRoomRecord | null;
  /** Places of people, of those who left too, by `changeSeq`. */
  participants: ParticipantRecord[];
  /** Otherwise more places changed after the last of these. */
  isAll: boolean;
}

export interface NewChatRoom {
  type: ChatRoomType;
  name: string | null;
  ownerId: string;
  /** The others. */
  memberIds: readonly string[];
}

/** What is absent stays as it is. */
export interface ChatRoomChanges {
  name?: string;
  isArchived?: boolean;
}
