import { IsInt, IsOptional, IsUrl, Max, Min } from 'class-validator';
import { IsId, IsMessageText, IsText } from '../../common/validation/text.js';

/** `POST /chat-rooms/:id/messages`. */
export class RoomMessageDto {
  /** 1…10 000 UTF-16 units, not blank. */
  @IsMessageText()
  content: string;

  /** Makes a repetition harmless: the same id with the same text is the same message. */
  @IsOptional()
  @IsText({ max: 255 })
  clientMessageId?: string;

  /** A message of the same room. */
  @IsOptional()
  @IsId()
  replyToId?: string;

  /** An attachment by reference; http(s). Clients load it, the server never does. */
  @IsOptional()
  @IsText({ max: 2048 })
  @IsUrl({ protocols: ['http', 'https'], require_protocol: true, require_tld: false, disallow_auth: true })
  fileUrl?: string;

  @IsOptional()
  @IsText({ max: 255 })
  fileName?: string;

  /** In bytes. */
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(Number.MAX_SAFE_INTEGER)
  fileSize?: number;
}

/** `sendMessage` on the socket. */
export class SendRoomMessageDto extends RoomMessageDto {
  @IsId()
  chatRoomId: string;
}
