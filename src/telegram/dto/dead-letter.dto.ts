import { ApiProperty } from '@nestjs/swagger';
import type { DeadLetter } from '../dead-letter.js';

/** An update of Telegram that could not be processed and was put aside. */
export class DeadLetterResponse {
  /** @example 512345678 */
  @ApiProperty({ type: 'integer', format: 'int64' })
  update_id: number;
  /** The chat of Telegram that it belongs to. */
  @ApiProperty({ type: 'integer', format: 'int64', nullable: true })
  telegram_chat_id: number | null;
  /** What kind of update it is, such as `message`. */
  kind: string;
  /** Why its latest try failed. */
  error: string;
  /** As Telegram sent it. */
  @ApiProperty({ type: 'object', additionalProperties: true })
  payload: Record<string, unknown>;
  @ApiProperty({ format: 'date-time' })
  received_at: string;

  static from({ updateId, telegramChatId, kind, error, payload, receivedAt }: DeadLetter): DeadLetterResponse {
    return {
      update_id: updateId,
      telegram_chat_id: telegramChatId,
      kind,
      error,
      payload,
      received_at: receivedAt.toISOString(),
    };
  }
}
