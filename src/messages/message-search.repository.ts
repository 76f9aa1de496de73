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

/** Up to this many conversations the index is asked for those alone; its cost grows with their square. */
const MOST_SCOPED = 300;

/**
 * Full-text search by `messages_search_idx`, whose words are those of the text (the configuration `russian` stems Cyrillic
 * words as Russian and Latin ones as English; ё is е) and one for the conversation.
 */
@Injectable()
export class MessageSearchRepository {
  constructor(private readonly prisma: PrismaService) {}

  /** Messages in the person's sessions and in the rooms that the person is in, neither deleted nor replaced, newest first. */
  async searchSeenBy(search: MessageSearch): Promise<MessageRecord[]> {
    return this.prisma.db.$queryRaw<MessageRecord[]>(searchQuery(search));
  }
}

/** The index is read before anything is sorted: by number of rows alone the planner would walk through all messages, newest first. */
export function searchQuery({ userId, words, conversationId, beforeId, limit }: MessageSearch): Prisma.Sql {
  const typed = words.replaceAll('ё', 'е').replaceAll('Ё', 'Е');
  const only = conversationId === undefined ? Prisma.empty : Prisma.sql`WHERE id = ${conversationId}::uuid`;
  const bound = beforeId === null ? Prisma.empty : Prisma.sql`AND id < ${beforeId}::uuid`;
  return Prisma.sql`
    WITH seen AS MATERIALIZED (
      SELECT id FROM (
        SELECT id FROM sessions WHERE owner_id = ${userId}::uuid UNION ALL
        SELECT r.id FROM participants p JOIN chat_rooms r ON r.id = p.conversation_id
        WHERE p.user_id = ${userId}::uuid AND p.left_at IS NULL
      ) mine ${only}
    ), asked AS MATERIALIZED (
      SELECT CASE WHEN count(seen.id) BETWEEN 1 AND ${MOST_SCOPED}
                  THEN words && string_agg(format('''in %s''', seen.id), '|')::tsquery
                  WHEN count(seen.id) > 0 THEN words END AS query
      FROM (SELECT websearch_to_tsquery('russian', ${typed}) || ${prefixOf(typed)}::tsquery AS words) typed LEFT JOIN seen ON true
      WHERE numnode(words) > 0 GROUP BY words
    ), found AS MATERIALIZED (
      SELECT id, conversation_id FROM messages
      WHERE (to_tsvector('russian', translate(content, '\u0451\u0401', '\u0435\u0415')) || array_to_tsvector(ARRAY['in ' || conversation_id::text])) @@ (SELECT query FROM asked)
        AND deleted_at IS NULL AND superseded_by_id IS NULL
    )
    SELECT ${MESSAGE_COLUMNS}
    FROM (
      SELECT id FROM found WHERE conversation_id IN (SELECT id FROM seen) ${bound} ORDER BY id DESC LIMIT ${limit}
    ) page
    JOIN messages m ON m.id = page.id JOIN conversations c ON c.id = m.conversation_id
    ORDER BY m.id DESC`;
}

/** The single word being typed, as a prefix query; an empty query when there is more than one word or none that is safe to quote. */
function prefixOf(words: string): string {
  const word = words.trim().toLowerCase();
  return /^[\p{L}\p{N}]{2,}$/u.test(word) ? `'${word}':*` : '';
}
