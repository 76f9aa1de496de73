import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import type { OperatorStatus, SupportChatStatus } from '../../events/domain-events.js';
import { ChatResponse } from '../../operators/dto/chat.response.dto.js';
import { DeskMessageResponse } from '../../operators/dto/desk-message.response.dto.js';

/** What every frame to a desk has. */
class DeskFrame {
  @ApiProperty({ format: 'date-time' })
  timestamp: string;
}

/** A frame that tells a change. */
class DeskChangeFrame extends DeskFrame {
  /** With it everything up to here was told: `sync` from it. Not every frame carries one. */
  cursor?: string;
}

export class DeskConnectedData {
  connectionId: string;
  /** null: a panel without a token, which only reads. */
  @ApiProperty({ type: 'string', nullable: true, format: 'uuid' })
  operatorId: string | null;
  role: string;
  /** Everything that changes from here on is told. */
  cursor: string;
}

export class DeskConnectedFrame extends DeskFrame {
  @ApiProperty({ enum: ['connection_established'] })
  type: 'connection_established';
  data: DeskConnectedData;
}

export class DeskMessageData {
  @ApiProperty({ format: 'uuid' })
  chatId: string;
  message: DeskMessageResponse;
}

export class DeskNewMessageFrame extends DeskChangeFrame {
  @ApiProperty({ enum: ['new_message'] })
  type: 'new_message';
  data: DeskMessageData;
}

export class DeskMessageUpdateFrame extends DeskChangeFrame {
  @ApiProperty({ enum: ['message_update'] })
  type: 'message_update';
  data: DeskMessageData;
}

export class DeskStatusData {
  @ApiProperty({ format: 'uuid' })
  chatId: string;
  status: SupportChatStatus;
  /** Who holds it, or held it when it was closed. */
  @ApiProperty({ format: 'uuid', required: false })
  operatorId?: string;
}

export class DeskStatusFrame extends DeskChangeFrame {
  @ApiProperty({ enum: ['chat_status_change'] })
  type: 'chat_status_change';
  data: DeskStatusData;
}

export class DeskChatData {
  @ApiProperty({ format: 'uuid' })
  chatId: string;
  chat: ChatResponse;
}

export class DeskChatFrame extends DeskChangeFrame {
  @ApiProperty({ enum: ['chat_update'] })
  type: 'chat_update';
  data: DeskChatData;
}

export class DeskChatRef {
  @ApiProperty({ format: 'uuid' })
  chatId: string;
}

export class DeskChatRemovedFrame extends DeskChangeFrame {
  @ApiProperty({ enum: ['chat_removed'] })
  type: 'chat_removed';
  data: DeskChatRef;
}

export class DeskDeltaData {
  @ApiProperty({ format: 'uuid' })
  chatId: string;
  @ApiProperty({ format: 'uuid' })
  messageId: string;
  delta: string;
  /** UTF-16 units of the text before it. */
  offset: number;
}

export class DeskDeltaFrame extends DeskFrame {
  @ApiProperty({ enum: ['message_delta'] })
  type: 'message_delta';
  data: DeskDeltaData;
}

export class DeskOperatorStatus {
  @ApiProperty({ format: 'uuid' })
  operatorId: string;
  status: OperatorStatus;
}

export class DeskOperatorFrame extends DeskFrame {
  @ApiProperty({ enum: ['operator_status_change'] })
  type: 'operator_status_change';
  data: DeskOperatorStatus;
}

export class DeskSubscribedFrame extends DeskFrame {
  @ApiProperty({ enum: ['subscribed'] })
  type: 'subscribed';
  data: DeskChatRef;
}

export class DeskUnsubscribedFrame extends DeskFrame {
  @ApiProperty({ enum: ['unsubscribed'] })
  type: 'unsubscribed';
  data: DeskChatRef;
}

export class DeskSyncedData {
  /** Everything up to here was told. */
  cursor: string;
  /** false: what happened since cannot be told any more; load the lists anew. */
  complete: boolean;
  /** How operators are now. */
  operators: DeskOperatorStatus[];
}

export class DeskSyncedFrame extends DeskFrame {
  @ApiProperty({ enum: ['synced'] })
  type: 'synced';
  data: DeskSyncedData;
}

export class DeskPingData {
  /** Everything up to here was told. */
  cursor?: string;
}

export class DeskPingFrame extends DeskFrame {
  @ApiProperty({ enum: ['ping'] })
  type: 'ping';
  data: DeskPingData;
}

export class DeskPongFrame extends DeskFrame {
  @ApiProperty({ enum: ['pong'] })
  type: 'pong';
  @ApiProperty({ type: 'object', additionalProperties: false })
  data: Record<string, never>;
}

export class DeskErrorData {
  code: string;
  message: string;
  @ApiPropertyOptional({ type: 'object', additionalProperties: true })
  details?: unknown;
  retryAfterSeconds?: number;
  /** The `type` of the frame that was refused. */
  event?: string;
}

export class DeskErrorFrame extends DeskFrame {
  @ApiProperty({ enum: ['error'] })
  type: 'error';
  data: DeskErrorData;
}

/** What a desk says; the fields may stand in `data` as well. */
export class DeskAuthCommand {
  @ApiProperty({ enum: ['auth'] })
  type: 'auth';
  /** An access token. */
  token: string;
  /** As that of `sync`. */
  @ApiProperty({ oneOf: [{ type: 'string' }, { type: 'number' }], required: false })
  since?: string | number;
}

export class DeskSubscribeCommand {
  @ApiProperty({ enum: ['subscribe_to_chat', 'unsubscribe_from_chat'] })
  type: 'subscribe_to_chat' | 'unsubscribe_from_chat';
  @ApiProperty({ format: 'uuid' })
  chatId: string;
}

export class DeskSyncCommand {
  @ApiProperty({ enum: ['sync'] })
  type: 'sync';
  /** The newest cursor that was told, or a time (ISO 8601, or ms), or 0. */
  @ApiProperty({ oneOf: [{ type: 'string' }, { type: 'number' }] })
  since: string | number;
}

export class DeskSignCommand {
  @ApiProperty({ enum: ['ping', 'pong'] })
  type: 'ping' | 'pong';
}
