import { ApiProperty } from '@nestjs/swagger';
import type { ChatNote } from '../chat-note.js';

/** A note about a chat, for operators only. */
export class NoteResponse {
  @ApiProperty({ format: 'uuid' })
  id: string;
  @ApiProperty({ format: 'uuid' })
  chat_id: string;
  /** null: the assistant. */
  @ApiProperty({ type: 'string', nullable: true, format: 'uuid' })
  author_id: string | null;
  text: string;
  @ApiProperty({ format: 'date-time' })
  created_at: string;

  static from({ id, chatId, authorId, text, createdAt }: ChatNote): NoteResponse {
    return { id, chat_id: chatId, author_id: authorId, text, created_at: createdAt.toISOString() };
  }
}
