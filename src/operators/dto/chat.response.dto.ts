import { ApiProperty } from '@nestjs/swagger';
import type { ChatPriority, ChatSource, SupportChatStatus } from '../../events/domain-events.js';
import { toDeskMessage } from '../desk-message.js';
import type { ChatCustomer, SupportChatView } from '../support-chat.js';
import { DeskMessageResponse } from './desk-message.response.dto.js';

/** Whom a chat is with. */
export class ChatUserResponse {
  @ApiProperty({ format: 'uuid' })
  id: string;
  /** Of a person who writes by Telegram. */
  telegram_id: number | null;
  username: string | null;
  first_name: string | null;
  last_name: string | null;
  /** The name that a person with an account goes by. */
  name: string | null;
  language_code: string | null;
  /** Nothing can be sent to this person. */
  is_blocked: boolean;
  @ApiProperty({ format: 'date-time' })
  created_at: string;
}

/** A support chat; its id is that of its conversation at every door. */
export class ChatResponse {
  @ApiProperty({ format: 'uuid' })
  id: string;
  status: SupportChatStatus;
  priority: ChatPriority;
  source: ChatSource;
  /** Who holds it, or held it when it was closed. */
  @ApiProperty({ type: 'string', nullable: true, format: 'uuid' })
  operator_id: string | null;
  @ApiProperty({ format: 'uuid' })
  user_id: string;
  user: ChatUserResponse;
  @ApiProperty({ type: DeskMessageResponse, nullable: true })
  last_message: DeskMessageResponse | null;
  /** What the customer said and no operator has read. */
  unread_count: number;
  is_pinned: boolean;
  tags: string[];
  escalation_reason: string | null;
  resolution: string | null;
  /** 1…5 */
  rating: number | null;
  /** When a human was called. */
  @ApiProperty({ type: 'string', nullable: true, format: 'date-time' })
  escalated_at: string | null;
  @ApiProperty({ type: 'string', nullable: true, format: 'date-time' })
  waiting_since: string | null;
  @ApiProperty({ type: 'string', nullable: true, format: 'date-time' })
  first_response_at: string | null;
  @ApiProperty({ type: 'string', nullable: true, format: 'date-time' })
  closed_at: string | null;
  /** When the wait for the first answer became too long. */
  @ApiProperty({ type: 'string', nullable: true, format: 'date-time' })
  sla_breached_at: string | null;
  @ApiProperty({ format: 'date-time' })
  created_at: string;
  @ApiProperty({ format: 'date-time' })
  updated_at: string;
}

export function toChatResponse(chat: SupportChatView): ChatResponse {
  return {
    id: chat.id,
    status: chat.status,
    priority: chat.priority,
    source: chat.source,
    operator_id: chat.operatorId,
    user_id: chat.customer.id,
    user: toChatUser(chat.customer),
    last_message: chat.lastMessage && toDeskMessage(chat.lastMessage, chat.readSeq),
    unread_count: chat.unreadCount,
    is_pinned: chat.isPinned,
    tags: chat.tags,
    escalation_reason: chat.escalationReason,
    resolution: chat.resolution,
    rating: chat.rating,
    escalated_at: toTime(chat.escalatedAt),
    waiting_since: toTime(chat.waitingSince),
    first_response_at: toTime(chat.firstResponseAt),
    closed_at: toTime(chat.closedAt),
    sla_breached_at: toTime(chat.slaBreachedAt),
    created_at: chat.createdAt.toISOString(),
    updated_at: chat.updatedAt.toISOString(),
  };
}

function toChatUser(customer: ChatCustomer): ChatUserResponse {
  return {
    id: customer.id,
    telegram_id: customer.telegramId,
    username: customer.username,
    first_name: customer.firstName,
    last_name: customer.lastName,
    name: customer.name,
    language_code: customer.languageCode,
    is_blocked: customer.isBlocked,
    created_at: customer.createdAt.toISOString(),
  };
}

const toTime = (at: Date | null): string | null => at?.toISOString() ?? null;
