import { ApiProperty } from '@nestjs/swagger';
import type { MessageStatus } from '../../events/domain-events.js';
import { MessageFailure, MessageUsage } from '../../messages/dto/message.response.dto.js';

/** A piece of a running answer; not numbered. */
export class MessageStreamEvent {
  messageId: string;
  sessionId?: string;
  /** In a chat room. */
  chatRoomId?: string;
  chatId?: string;
  delta: string;
  /** The length of the text before it, in UTF-16 units. */
  offset: number;
}

/** A running answer came to its end. */
export class MessageDoneEvent {
  messageId: string;
  sessionId?: string;
  /** In a chat room. */
  chatRoomId?: string;
  chatId?: string;
  @ApiProperty({ enum: ['complete', 'streaming', 'stopped', 'interrupted', 'failed'] })
  status: MessageStatus;
  usage?: MessageUsage;
  /** Why it failed or broke off. */
  error?: MessageFailure;
}

/** Which session it is about. */
export class SessionRefEvent {
  sessionId: string;
}

/** Which session or room a stream begins anew. */
export class ResetEvent {
  sessionId?: string;
  chatRoomId?: string;
}

/** Somebody began or ended to type. */
export class SessionTypingEvent {
  sessionId: string;
  userId: string;
  typing: boolean;
}
