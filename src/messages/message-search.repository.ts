import { Injectable } from '@nestjs/common';
import type { MessageRecord } from '../events/domain-events.js';
import { Prisma } from '../prisma/generated/client.js';
import { PrismaService } from '../prisma/prisma.service.js';
import { MESSAGE_COLUMNS } from './message-rows.js';

export interface MessageSearch {
  userId: string;
  words: string;
  conversationId?: string;
  /** The id of the last message of the page before. */
  beforeId: string | null;
  limit: number;
}

/** Full-text search, by the index on `to_tsvector('russian', content)`; that configuration stems Russian and English words. */
@Injectable()
export class MessageSearchRepository {
  constructor(private readonly prisma: PrismaService) {}

  /** Messages in the person's sessions and in the rooms that the person is in, newest first. */
  async searchSeenBy({ userId, words, conversationId, beforeId, limit }: MessageSearch): Promise<MessageRecord[]> {
    const scope =
      conversationId === undefined ? Prisma.empty : Prisma.sql`AND m.conversation_id = ${conversationId}::uuid`;
    const bound = beforeId === null ? Prisma.empty : Prisma.sql`AND m.id < ${beforeId}::uuid`;
    return this.prisma.db.$queryRaw<MessageRecord[]>`
      SELECT ${MESSAGE_COLUMNS}
      FROM messages m JOIN conversations c ON c.id = m.conversation_id
      JOIN (
        SELECT id FROM sessions WHERE owner_id = ${userId}::uuid UNION ALL
        SELECT r.id FROM participants p JOIN chat_rooms r ON r.id = p.conversation_id
        WHERE p.user_id = ${userId}::uuid AND p.left_at IS NULL
      ) seen ON seen.id = m.conversation_id
      WHERE true ${scope} ${bound} AND m.deleted_at IS NULL
        AND to_tsvector('russian', m.content) @@ (websearch_to_tsquery('russian', ${words}) || ${lastWordPrefix(words)}::tsquery)
      ORDER BY m.id DESC LIMIT ${limit}`;
  }
}

/** The single word being typed, as a prefix query; an empty query when there is more than one word or none that is safe to quote. */
function lastWordPrefix(words: string): string {
  const word = words.trim().toLowerCase();
  return /^[\p{L}\p{N}]{2,}$/u.test(word) ? `'${word}':*` : '';
}
