import { ApiProperty } from '@nestjs/swagger';
import type { DeskMessage } from '../desk-message.js';

/** A message of a support chat. */
export class DeskMessageResponse implements DeskMessage {
  @ApiProperty({ format: 'uuid' })
  id: string;

  @ApiProperty({ format: 'uuid' })
  chat_id: string;

  /** `bot`: the assistant, or the server itself (`metadata.role` is `system` then). */
  author_type: 'user' | 'bot' | 'operator';

  /** null for the assistant and the server. */
  @ApiProperty({ type: 'string', nullable: true, format: 'uuid' })
  author_id: string | null;

  text: string;
  timestamp: string;
  /** Whether an operator has read it; what operators and the assistant said counts as read. */
  is_read: boolean;
  /** Its place in the conversation. */
  seq: number;

  /** What else is known: its role, state and latest change, and what its channel says about it. */
  @ApiProperty({ type: 'object', additionalProperties: true })
  metadata: Record<string, unknown>;
}
