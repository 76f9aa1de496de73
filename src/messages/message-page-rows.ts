import type { ConversationKind, MessageRecord, MessageSender, ReactionRecord } from '../events/domain-events.js';
import type { PrismaService } from '../prisma/prisma.service.js';
import { MOST_NAMED } from './message-rows.js';

/** What is read once for all messages of a page, with its first row. */
interface Beside {
  kind: ConversationKind;
  senders: MessageSender[] | null;
  /** The two who have read farthest. */
  readers: { userId: string; lastReadSeq: number }[] | null;
  reactions: (ReactionRecord & { messageId: string })[] | null;
}

type PageRow = Omit<MessageRecord, 'conversationId' | 'kind' | 'sender' | 'reactions'> & { beside: Beside | null };

/**
 * Up to `limit` messages before or after number `seq` of a conversation, the nearest first, with the marks of who has read
 * them: the read that people wait for most.
 */
export async function readMessagePage(
  prisma: PrismaService,
  side: 'before' | 'after',
  conversationId: string,
  seq: number,
  limit: number,
): Promise<MessageRecord[]> {
  const rows = await prisma.read<PageRow>(`messages-${side}`, PAGES[side], [conversationId, seq, limit]);
  const beside = rows[0]?.beside;
  if (!beside) return [];
  const { kind, readers } = beside;
  const senders = new Map(beside.senders?.map((sender) => [sender.id, sender]));
  const reactions = Map.groupBy(beside.reactions ?? [], ({ messageId }) => messageId);
  return rows.map(({ beside: _, ...row }) => {
    const message: MessageRecord = {
      ...row,
      ...{ conversationId, kind },
      sender: kind === 'room' && row.senderId !== null ? (senders.get(row.senderId) ?? null) : null,
      reactions: (reactions.get(row.id) ?? []).map(({ emoji, count, userIds }) => ({ emoji, count, userIds })),
    };
    const farthest = kind === 'room' ? readers?.find(({ userId }) => userId !== row.senderId) : undefined;
    if (farthest) message.isRead = farthest.lastReadSeq >= row.seq;
    return message;
  });
}

const PAGES = { before: pageQuery('<', 'DESC'), after: pageQuery('>', 'ASC') } as const;

/** Who spoke, who has read and who reacted comes with the first row: asked for with each, it costs more than the messages. */
function pageQuery(comparison: '<' | '>', order: 'ASC' | 'DESC'): string {
  return `
    WITH page AS MATERIALIZED (
      SELECT * FROM messages WHERE conversation_id = $1::uuid AND seq ${comparison} $2 ORDER BY seq ${order} LIMIT $3
    )
    SELECT p.id, p.seq, p.change_seq AS "changeSeq", p.role, p.sender_id AS "senderId", p.content, p.status,
           p.client_message_id AS "clientMessageId", p.reply_to_id AS "replyToId", p.superseded_by_id AS "supersededById",
           p.file_url AS "fileUrl", p.file_name AS "fileName", p.file_size::float8 AS "fileSize", p.metadata,
           p.model, p.prompt_tokens AS "promptTokens", p.completion_tokens AS "completionTokens",
           p.usage_kind AS "usageKind", p.error_code AS "errorCode", coalesce(p.mentions, '{}') AS mentions,
           p.created_at AS "createdAt", p.edited_at AS "editedAt", p.deleted_at AS "deletedAt",
           CASE WHEN row_number() OVER (ORDER BY p.seq ${order}) = 1 THEN json_build_object(
             'kind', (SELECT kind FROM conversations WHERE id = $1::uuid),
             'senders', (
               SELECT json_agg(json_build_object('id', u.id, 'name', u.name, 'firstName', u.first_name, 'lastName', u.last_name,
                 'username', u.username, 'role', u.role, 'avatarUrl', u.avatar_url))
               FROM users u WHERE u.id IN (SELECT sender_id FROM page)),
             'readers', (
               SELECT json_agg(json_build_object('userId', r.user_id, 'lastReadSeq', r.last_read_seq) ORDER BY r.last_read_seq DESC, r.user_id)
               FROM (SELECT user_id, last_read_seq FROM participants WHERE conversation_id = $1::uuid AND left_at IS NULL
                     ORDER BY last_read_seq DESC, user_id LIMIT 2) r),
             'reactions', (
               SELECT json_agg(json_build_object('messageId', e.message_id, 'emoji', e.emoji, 'count', e.count, 'userIds', e.ids)
                               ORDER BY e.first, e.emoji)
               FROM (SELECT message_id, emoji, count(*)::int, min(created_at) AS first,
                            (array_agg(user_id ORDER BY created_at, user_id))[1:${MOST_NAMED}] AS ids
                     FROM message_reactions WHERE message_id IN (SELECT id FROM page) GROUP BY message_id, emoji) e)
           ) END AS beside
    FROM page p ORDER BY p.seq ${order}`;
}
