import type { ChatPriority, ChatSource, MessageRecord, SupportChatStatus } from '../events/domain-events.js';
import { hasRole, type Actor } from '../common/actor.js';

/** A support chat as it is stored; its id is that of its conversation. */
export interface SupportChatRecord {
  id: string;
  status: SupportChatStatus;
  priority: ChatPriority;
  source: ChatSource;
  /** Of a Telegram chat; else `userId`. */
  customerId: string | null;
  userId: string | null;
  /** Who holds it, or held it when it was closed. */
  operatorId: string | null;
  tags: string[];
  isPinned: boolean;
  escalationReason: string | null;
  resolution: string | null;
  rating: number | null;
  unreadCount: number;
  readSeq: number;
  waitingSince: Date | null;
  escalatedAt: Date | null;
  takenAt: Date | null;
  firstResponseAt: Date | null;
  closedAt: Date | null;
  slaBreachedAt: Date | null;
  createdAt: Date;
  updatedAt: Date;
}

/** Whom a chat is with, of whatever channel. */
export interface ChatCustomer {
  id: string;
  telegramId: number | null;
  username: string | null;
  firstName: string | null;
  lastName: string | null;
  /** The name that a person with an account goes by. */
  name: string | null;
  languageCode: string | null;
  isBlocked: boolean;
  createdAt: Date;
}

/** A support chat as operators see it. */
export interface SupportChatView extends SupportChatRecord {
  customer: ChatCustomer;
  lastMessage: MessageRecord | null;
}

export interface SupportChatFilter {
  /** All but `bot` when absent. */
  status?: readonly SupportChatStatus[];
  priority?: readonly ChatPriority[];
  source?: readonly ChatSource[];
  operatorId?: string;
  tag?: string;
  /** Names of the customer, and the messages. */
  search?: string;
}

/** Operators see waiting chats and those they hold or closed; seniors and admins all of them. */
export function maySee(actor: Pick<Actor, 'userId' | 'role'>, chat: Pick<SupportChatRecord, 'status' | 'operatorId'>) {
  return hasRole(actor.role, 'senior_operator') || chat.status === 'waiting' || chat.operatorId === actor.userId;
}
