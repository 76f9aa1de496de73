import type { ChatRoomResponse, ParticipantResponse } from '../../chat-rooms/dto/chat-room.response.dto.js';
import type { WireError } from '../../common/errors/describe-error.js';
import type { MessageStatus } from '../../events/domain-events.js';
import type {
  ConversationRef,
  MessageFailure,
  MessageResponse,
  MessageUsage,
  ReactionResponse,
} from '../../messages/dto/message.response.dto.js';
import type { CloseReason } from './close-reasons.js';

/** Whether somebody is here; `lastSeenAt` is null of people who are, and of those who never were. */
export interface PresenceState {
  userId: string;
  online: boolean;
  lastSeenAt: string | null;
}

/** What changed of somebody's place in a room; what is absent is as it was. `leftAt`: they are not in it any more. */
export type ParticipantChange = Partial<ParticipantResponse> & Pick<ParticipantResponse, 'userId' | 'changeSeq'>;

/** Everything the server says on its own, by event name; the same on every native wire. */
export interface ServerEventPayloads {
  connected: { userId: string; userRole: string; chatRooms: number; connectionId: string };
  error: WireError & { event?: string };
  /** The last thing on a connection that the server closes. */
  closing: { reason: CloseReason; message: string };

  'message:new': MessageResponse;
  'message:update': MessageResponse;
  'message:stream': ConversationRef & { messageId: string; delta: string; offset: number };
  'message:done': ConversationRef & {
    messageId: string;
    status: MessageStatus;
    usage?: MessageUsage;
    error?: MessageFailure;
  };
  /** The reader's number was never reached here: forget what you have of the session or room, everything follows. */
  reset: { sessionId: string } | { chatRoomId: string };
  typing: { sessionId: string; userId: string; typing: boolean };

  /** To all connections of the owner: read the session again (or forget it). */
  'session:created': { sessionId: string };
  'session:updated': { sessionId: string };
  'session:deleted': { sessionId: string };

  /** The room's fields, and the room once more as one. */
  chatRoomCreated: ChatRoomResponse & { chatRoom: ChatRoomResponse };
  chatRoomUpdated: {
    chatRoomId: string;
    updatedChatRoom: Omit<ChatRoomResponse, 'unreadCount' | 'lastMessage'>;
    /** null: it is told afterwards. */
    updatedBy: string | null;
    updatedAt: string;
    changeSeq: number;
  };
  joinedChatRoom: { chatRoomId: string };
  leftChatRoom: { chatRoomId: string };
  /** Somebody else began or ended to look at the room. */
  userJoined: { userId: string; chatRoomId: string };
  userLeft: { userId: string; chatRoomId: string };
  newMessage: { chatRoomId: string; message: MessageResponse };
  messageSent: { messageId: string; chatRoomId: string; clientMessageId?: string };
  /** To the participants who do not look at the room: there is something new. */
  chatUpdated: { chatRoomId: string };
  messageUpdated: { chatRoomId: string; message: MessageResponse };
  messageDeleted: { chatRoomId: string; messageId: string; changeSeq: number; deletedAt: string };
  /** To all connections of somebody whom a message names, whether they look at the room or not. */
  mentioned: { chatRoomId: string; messageId: string; seq: number; mentionedBy: string | null };
  /** `reactions`: all of the message after this. */
  messageReaction: {
    chatRoomId: string;
    messageId: string;
    emoji: string;
    userId: string;
    on: boolean;
    changeSeq: number;
    reactions: ReactionResponse[];
  };
  userTyping: { userId: string; chatRoomId: string; isTyping: boolean };
  messageDeliveredConfirmed: { messageId: string };
  messageRead: { messageId: string; chatRoomId: string; readBy: string };
  participantsAdded: { chatRoomId: string; newParticipants: ParticipantResponse[]; addedBy: string; changeSeq: number };
  addedToChatRoom: { chatRoomId: string; addedBy: string };
  participantRemoved: { chatRoomId: string; removedUserId: string; removedBy: string; changeSeq: number };
  /** To who looks at the room: the numbers `from`…`changeSeq` moved these places. Rooms of many leave out whose. */
  participantsChanged: { chatRoomId: string; from: number; changeSeq: number; participants: ParticipantChange[] };
  removedFromChatRoom: { chatRoomId: string; removedBy: string };
  presence: PresenceState;
}

export type ServerEventName = keyof ServerEventPayloads;

/** Where an event stands in its conversation: the number it brings the reader to, and how far the running text goes. */
export interface Position {
  seq: number;
  offset: number;
}

/** One event on its way out. */
export interface ServerEvent<N extends ServerEventName = ServerEventName> {
  readonly name: N;
  readonly payload: ServerEventPayloads[N];
  readonly position?: Position;
}

export function serverEvent<N extends ServerEventName>(
  name: N,
  payload: ServerEventPayloads[N],
  position?: Position,
): ServerEvent<N> {
  return { name, payload, ...(position ? { position } : {}) };
}

export function isEvent<N extends ServerEventName>(event: ServerEvent, name: N): event is ServerEvent<N> {
  return event.name === name;
}
