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

/** A ticket for one connection. */
export class TicketResponse {
  ticket: string;
  /** Seconds. */
  expiresIn: number;
}
