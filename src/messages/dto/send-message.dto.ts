import { IsIn, IsOptional } from 'class-validator';
import { IsId, IsMessageText, IsText } from '../../common/validation/text.js';

/** `POST /messages`: a message of a session or of a chat room (exactly one of both ids). */
export class SendMessageDto {
  @IsOptional()
  @IsId()
  sessionId?: string;

  @IsOptional()
  @IsId()
  chatRoomId?: string;

  /** `user` asks the assistant; `assistant` only stores. */
  @IsIn(['user', 'assistant'])
  role: 'user' | 'assistant';

  /** 1…10 000 UTF-16 units, not blank. */
  @IsMessageText()
  content: string;

  /** A message of the same conversation. */
  @IsOptional()
  @IsId()
  replyToId?: string;

  /** Makes a repetition harmless: the same id with the same text is the same message. */
  @IsOptional()
  @IsText({ max: 255 })
  clientMessageId?: string;
}

/** `message:send` on the socket. */
export class SendSessionMessageDto {
  @IsId()
  sessionId: string;

  @IsMessageText()
  content: string;

  @IsOptional()
  @IsText({ max: 255 })
  clientMessageId?: string;

  @IsOptional()
  @IsId()
  replyToId?: string;
}

/** `POST /messages/stream`. */
export class StreamMessageDto {
  @IsId()
  sessionId: string;

  /** What to ask. */
  @IsMessageText()
  prompt: string;
}

export class EditMessageDto {
  @IsMessageText()
  content: string;
}
