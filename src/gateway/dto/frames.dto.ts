import { ApiProperty } from '@nestjs/swagger';
import type { MessageStatus } from '../../events/domain-events.js';
import { MessageUsage } from '../../messages/dto/message.response.dto.js';
import { ClosingEvent, WireErrorResponse } from './connection-events.dto.js';

/** NDJSON: a piece of the answer. */
export class DeltaLine {
  delta: string;
}

/** NDJSON: the answer has ended, and there is a text. */
export class DoneLine {
  @ApiProperty({ enum: [true] })
  done: true;
  messageId: string | null;
  @ApiProperty({ enum: ['complete', 'streaming', 'stopped', 'interrupted', 'failed'] })
  status: MessageStatus;
  usage?: MessageUsage;
}

/** NDJSON: there is no answer. */
export class FailedLine {
  error: WireErrorResponse;
  messageId: string | null;
}

/** NDJSON: the server ends the stream early. */
export class ClosingLine {
  closing: ClosingEvent;
}

/** `/api/v1`: a piece of the answer. */
export class TokenFrame {
  content: string;
  @ApiProperty({ enum: ['token'] })
  type: 'token';
}

/** `/api/v1`: the answer is stored. */
export class CompleteFrame {
  /** The whole text. */
  content: string;
  /** It was stopped or broke off. */
  @ApiProperty({ enum: [true], required: false })
  is_incomplete?: true;
  tokens: number;
  @ApiProperty({ enum: ['complete'] })
  type: 'complete';
}

/** `/api/v1`: it failed. */
export class ErrorFrame {
  error: string;
}

/** The plain WebSocket: what somebody says. */
export class SaidFrame {
  @ApiProperty({ enum: ['message'] })
  type: 'message';
  @ApiProperty({ minLength: 1, maxLength: 10_000 })
  content: string;
  /** Where messages are stored: makes a repetition harmless. */
  @ApiProperty({ minLength: 1, maxLength: 255, required: false })
  clientMessageId?: string;
}

/** The plain WebSocket: a piece of the answer. */
export class ChunkFrame {
  @ApiProperty({ enum: ['chunk'] })
  type: 'chunk';
  content: string;
}

/** The plain WebSocket: the answer is whole. */
export class DoneFrame {
  @ApiProperty({ enum: ['done'] })
  type: 'done';
}

/** The plain WebSocket: a message was refused, or its answer failed; no `done` comes. */
export class RefusedFrame {
  @ApiProperty({ enum: ['error'] })
  type: 'error';
  message: string;
}
