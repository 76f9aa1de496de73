import { Transform } from 'class-transformer';
import { IsBoolean, IsInt, IsOptional, Max, Min } from 'class-validator';
import { IsId, IsText } from '../../common/validation/text.js';

const HIGHEST_SEQ = 2_147_483_647;

/** `join`: watch a session; `since` is the last number that the client has. */
export class JoinSessionDto {
  @IsId()
  sessionId: string;

  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(HIGHEST_SEQ)
  since?: number;
}

/** `leave`: watch it no longer. */
export class SessionRefDto {
  @IsId()
  sessionId: string;
}

/** `message:stop`, `message:regenerate`. */
export class MessageRefDto {
  @IsId()
  messageId: string;
}

/** `typing`: `sessionId` with `typing`, or `chatRoomId` with `isTyping`. */
export class TypingDto {
  @IsOptional()
  @IsId()
  sessionId?: string;

  @IsOptional()
  @IsBoolean()
  typing?: boolean;

  @IsOptional()
  @IsId()
  chatRoomId?: string;

  @IsOptional()
  @IsBoolean()
  isTyping?: boolean;
}

/** `sync`: what changed in a conversation since a number. */
export class SyncDto {
  @IsId()
  conversationId: string;

  @IsInt()
  @Min(0)
  @Max(HIGHEST_SEQ)
  since: number;
}

/** `auth:refresh`: a newer access token, with or without `Bearer `. */
export class AuthRefreshDto {
  @Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? value.replace(/^Bearer\s+/i, '') : value))
  @IsText({ max: 4096 })
  token: string;
}
