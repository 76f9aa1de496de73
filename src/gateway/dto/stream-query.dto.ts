import { PickType } from '@nestjs/swagger';
import { IsOptional, Matches } from 'class-validator';
import { IsMessageText, IsText } from '../../common/validation/text.js';

/** `GET /sse/sessions/:id/stream`. */
export class SessionStreamQueryDto {
  /** A question to ask: its answer is streamed, then the stream ends. Without it the stream is a live tail of the session. */
  @IsOptional()
  @IsMessageText()
  prompt?: string;

  /** Makes a repetition of the prompt harmless (a `clientMessageId`). */
  @IsOptional()
  @IsText({ max: 255 })
  requestId?: string;

  /** `<seq>` or `<seq>.<offset>`: send what came after it first. */
  @IsOptional()
  @Matches(/^\d{1,10}(\.\d{1,10})?$/, { message: 'since must be <seq> or <seq>.<offset>' })
  since?: string;

  /** A ticket of `POST /sse/ticket`, where no header can be sent. */
  @IsOptional()
  @IsText({ max: 512 })
  ticket?: string;
}

/** `GET /sse/chat-rooms/:id/stream`. */
export class RoomStreamQueryDto extends PickType(SessionStreamQueryDto, ['since', 'ticket'] as const) {}

/** A ticket for one connection. */
export class TicketResponse {
  ticket: string;
  /** Seconds. */
  expiresIn: number;
}
