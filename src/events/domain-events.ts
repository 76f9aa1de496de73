import type { Role } from '../common/actor.js';

export type ConversationKind = 'session' | 'room' | 'telegram';
export type MessageRole = 'user' | 'assistant' | 'operator' | 'customer' | 'system';
export type MessageStatus = 'complete' | 'streaming' | 'stopped' | 'interrupted' | 'failed';

export type ChatRoomType = 'DIRECT' | 'GROUP';
export type ParticipantRole = 'OWNER' | 'ADMIN' | 'MEMBER';
/** How far a person has come in a room. */
export type PositionKind = 'read' | 'delivered';

export type SupportChatStatus = 'bot' | 'waiting' | 'in_progress' | 'closed';
export type ChatPriority = 'low' | 'medium' | 'high' | 'urgent';
export type ChatSource = 'telegram' | 'website';
export type OperatorStatus = 'online' | 'away' | 'offline';
/** What moved a support chat into its state. */
export type SupportChatCause =
  'escalated' | 'taken' | 'assigned' | 'transferred' | 'queued' | 'returned' | 'closed' | 'reopened';

/** Operators see waiting chats and their own; seniors and admins all of them. */
export interface SupportChatVisibility {
  status: SupportChatStatus;
  operatorId: string | null;
}

/** Who wrote a message in a room, as the others there see it. */
export interface MessageSender {
  id: string;
  name: string | null;
  firstName: string | null;
  lastName: string | null;
  username: string | null;
  role: Role;
  avatarUrl: string | null;
}

/** Who answered a message with one emoji. */
export interface ReactionRecord {
  emoji: string;
  count: number;
  /** The first of them, in the order in which they came. */
  userIds: string[];
}

/** A message as it is stored; doors shape it for their dialect. */
export interface MessageRecord {
  id: string;
  conversationId: string;
  kind: ConversationKind;
  /** Its place in the conversation. */
  seq: number;
  /** The number of its latest change. */
  changeSeq: number;
  role: MessageRole;
  senderId: string | null;
  content: string;
  status: MessageStatus;
  clientMessageId: string | null;
  replyToId: string | null;
  /** An attachment by reference. */
  fileUrl: string | null;
  fileName: string | null;
  /** In bytes. */
  fileSize: number | null;
  /** What the channel that it came by knows about it. */
  metadata?: Readonly<Record<string, unknown>> | null;
  /** In rooms only. */
  sender: MessageSender | null;
  /** In rooms: whether somebody else has read it. */
  isRead?: boolean;
  /** In the order in which their first came. */
  reactions: ReactionRecord[];
  /** In rooms: the ids of those whom the text names. */
  mentions: string[];
  supersededById: string | null;
  model: string | null;
  promptTokens: number | null;
  completionTokens: number | null;
  usageKind: 'exact' | 'estimated' | null;
  /** A code of the error catalogue when the answer failed or broke off. */
  errorCode: string | null;
  createdAt: Date;
  editedAt: Date | null;
  deletedAt: Date | null;
}

/**
 * Everything that happened and that others may react to. Durable changes are told after commit, never before, and not at all
 * when the transaction is rolled back. A feature never calls one that stands above it: it tells what happened.
 */
export interface DomainEvents {
  /** A message took its place. */
  'message.created': { message: MessageRecord };
  /** Its text, state or marks changed; `finished` when a running answer came to its end with this. */
  'message.updated': { message: MessageRecord; finished?: boolean };
  /** Somebody's reaction came or went; a change of the message like any other. */
  'message.reacted': { message: MessageRecord; userId: string; emoji: string; on: boolean };
  /** A message names people whom it did not name before. */
  'message.mentioned': { message: MessageRecord; userIds: readonly string[] };
  /** The assistant owes an answer to what was said last (also kept in `conversations.answer_due_seq`). */
  'answer.due': { conversationId: string; kind?: ConversationKind };
  /** A piece of the running answer whose message has the place `seq`; not stored, repeated by the text that is. `offset`: UTF-16 units before it. */
  'answer.delta': {
    conversationId: string;
    kind: ConversationKind;
    messageId: string;
    seq: number;
    delta: string;
    offset: number;
  };
  /** Somebody wants the end of an answer that another node writes. */
  'answer.stop': { conversationId: string; messageId: string; reason: 'stopped' | 'superseded' };

  'session.created': { sessionId: string; ownerId: string };
  /** Title, group, favourite, archive or model changed. */
  'session.updated': { sessionId: string; ownerId: string };
  'session.deleted': { sessionId: string; ownerId: string };

  /** `memberIds` of these: everybody who is in the room then. Numbers are those of the room's conversation. */
  'chat-room.created': { roomId: string; memberIds: readonly string[] };
  /** Name or archive mark changed. */
  'chat-room.updated': { roomId: string; changeSeq: number; memberIds: readonly string[]; updatedBy: string; at: Date };
  'chat-room.deleted': { roomId: string; memberIds: readonly string[]; deletedBy: string };
  'chat-room.members-added': {
    roomId: string;
    changeSeq: number;
    memberIds: readonly string[];
    userIds: readonly string[];
    addedBy: string;
  };
  /** Somebody was removed or left; `changeSeqs`: that, and the hand-over to another owner if there was one. */
  'chat-room.member-removed': {
    roomId: string;
    changeSeqs: readonly number[];
    memberIds: readonly string[];
    userId: string;
    removedBy: string;
  };
  /** Somebody's position moved forward to `message`. */
  'chat-room.marked': {
    roomId: string;
    changeSeq: number;
    kind: PositionKind;
    userId: string;
    message: { id: string; seq: number; senderId: string | null };
    /** Where both of the person's positions are then. */
    lastReadSeq: number;
    lastDeliveredSeq: number;
  };

  /** Somebody began or stopped to look at a room. */
  'chat-room.viewed': { roomId: string; userId: string; isLooking: boolean };
  /** Somebody is typing, or not any more; `connectionId`: where. Repeated while it goes on. */
  'conversation.typing': {
    conversationId: string;
    kind: 'session' | 'room';
    connectionId: string;
    userId: string;
    isTyping: boolean;
  };

  /** A password was tried; hashed, so that nobody reads who where. */
  'password.tried': { account: string; pair: string; address: string; correct: boolean };
  /** One more was let in by a limit that nodes count together. */
  'limit.taken': { limit: 'registrations' | 'refreshes'; key: string };

  /** Somebody's first connection to a node opened, or the last one closed a while ago. */
  'presence.changed': { nodeId: string; userId: string; isHere: boolean; at: Date };
  /** A node wants to know who is where. */
  'presence.asked': Record<never, never>;
  /** Everybody who is here by connections of a node. */
  'presence.told': { nodeId: string; userIds: readonly string[] };
  /** A support chat took another state; the fields say who may see it now and who could before. */
  'support-chat.status-changed': SupportChatVisibility & {
    chatId: string;
    previous: SupportChatVisibility;
    /** Who did it; null: the customer or the server. */
    byUserId: string | null;
    cause: SupportChatCause;
    /** The conversation's counter when it happened: what was said later has a larger number. */
    seq: number;
  };
  /** Its marks, notes, customer or unread count changed. */
  'support-chat.updated': { chatId: string };
  /** Nobody answered within `SLA_FIRST_RESPONSE_S` after a human was called. */
  'support-chat.sla-breached': SupportChatVisibility & { chatId: string; waitedSeconds: number };
  'operator.status-changed': { operatorId: string; status: OperatorStatus };
  /** The profile, role or rights of an operator changed. */
  'operator.updated': { operatorId: string };

  /** Sign-ins ended: one (`signInId`) or all of a person (null). Their live connections close. */
  'sign-in.revoked': { userId: string; signInId: string | null; reason: SignInEnd };
  'user.role-changed': { userId: string; role: Role; previousRole: Role };
  'user.erased': { userId: string };

  /** Told here only: something that other nodes did may have been missed. What memory holds of it is to be asked for again. */
  'nodes.missed': Record<never, never>;
  /** Told here only: another node ended, or was not heard of for long. */
  'nodes.gone': { nodeId: string };
}

export type SignInEnd = 'logout' | 'logout_all' | 'reuse' | 'erased' | 'disabled' | 'role_changed';

export type DomainEventName = keyof DomainEvents;
