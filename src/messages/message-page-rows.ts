import type { ConversationKind, MessageRecord, MessageSender, ReactionRecord } from '../events/domain-events.js';
import type { PrismaService } from '../prisma/prisma.service.js';
import { MOST_NAMED } from './message-rows.js';

type Side = 'before' | 'after';

interface PageRow extends Omit<MessageRecord, 'kind' | 'sender' | 'reactions' | 'isRead'> {
  isReacted: boolean;
}

/** In rooms: who spoke, as columns; without a role nobody like that is known any more. */
interface RoomPageRow extends PageRow {
  senderName: string | null;
  senderFirstName: string | null;
  senderLastName: string | null;
  senderUsername: string | null;
  senderRole: MessageSender['role'] | null;
  senderAvatarUrl: string | null;
  /** The two who have read farthest, each as id, blank, place; the same in every row. */
  readers: string | null;
}

/**
 * Up to `limit` messages of a session or room before or after number `seq`, the nearest first, with the marks of who has
 * read them. The read that people wait for most: what few messages have is asked for only where it is.
 */
export async function readMessagePage(
  prisma: PrismaService,
  [kind, conversationId]: readonly [ConversationKind, string],
  side: Side,
  seq: number,
  limit: number,
): Promise<MessageRecord[]> {
  if (kind !== 'room') {
    const rows = await prisma.read<PageRow>(`messages-${side}`, SESSION_PAGES[side], [conversationId, seq, limit]);
    const reactions = await reactionsOf(prisma, rows);
    return rows.map((row) => ({ ...row, kind, sender: null, reactions: reactions(row.id) }));
  }
  const rows = await prisma.read<RoomPageRow>(`room-messages-${side}`, ROOM_PAGES[side], [conversationId, seq, limit]);
  const reactions = await reactionsOf(prisma, rows);
  const readers = (rows[0]?.readers ?? '').split(',').map((reader) => reader.split(' '));
  return rows.map((row) => {
    const [, place] = readers.find(([userId]) => userId !== row.senderId) ?? [];
    const isRead = place === undefined ? {} : { isRead: Number(place) >= row.seq };
    return { ...row, kind, sender: senderOf(row), reactions: reactions(row.id), ...isRead };
  });
}

function senderOf(row: RoomPageRow): MessageSender | null {
  if (row.senderId === null || row.senderRole === null) return null;
  return {
    id: row.senderId,
    name: row.senderName,
    firstName: row.senderFirstName,
    lastName: row.senderLastName,
    username: row.senderUsername,
    role: row.senderRole,
    avatarUrl: row.senderAvatarUrl,
  };
}

async function reactionsOf(
  prisma: PrismaService,
  rows: readonly PageRow[],
): Promise<(messageId: string) => ReactionRecord[]> {
  const reacted = rows.filter(({ isReacted }) => isReacted).map(({ id }) => id);
  if (reacted.length === 0) return () => [];
  const found = await prisma.read<ReactionRecord & { messageId: string }>('reactions-of', REACTIONS, [reacted]);
  const byMessage = Map.groupBy(found, ({ messageId }) => messageId);
  return (id) => (byMessage.get(id) ?? []).map(({ emoji, count, userIds }) => ({ emoji, count, userIds }));
}

const COLUMNS = `
  m.id, m.conversation_id AS "conversationId", m.seq, m.change_seq AS "changeSeq", m.role, m.sender_id AS "senderId", m.content, m.status,
  m.client_message_id AS "clientMessageId", m.reply_to_id AS "replyToId", m.superseded_by_id AS "supersededById",
  m.file_url AS "fileUrl", m.file_name AS "fileName", m.file_size::float8 AS "fileSize", m.metadata, m.model,
  m.prompt_tokens AS "promptTokens", m.completion_tokens AS "completionTokens", m.usage_kind AS "usageKind",
  m.error_code AS "errorCode", coalesce(m.mentions, '{}') AS mentions, m.created_at AS "createdAt",
  m.edited_at AS "editedAt", m.deleted_at AS "deletedAt",
  EXISTS (SELECT FROM message_reactions WHERE message_id = m.id) AS "isReacted"`;

const SENDER_COLUMNS = `
  u.name AS "senderName", u.first_name AS "senderFirstName", u.last_name AS "senderLastName",
  u.username AS "senderUsername", u.role AS "senderRole", u.avatar_url AS "senderAvatarUrl"`;

const PLACES = {
  before: 'WHERE m.conversation_id = $1::uuid AND m.seq < $2 ORDER BY m.seq DESC LIMIT $3',
  after: 'WHERE m.conversation_id = $1::uuid AND m.seq > $2 ORDER BY m.seq LIMIT $3',
} as const;

const pagesOf = (from: string): Record<Side, string> => ({
  before: `${from} ${PLACES.before}`,
  after: `${from} ${PLACES.after}`,
});

const SESSION_PAGES = pagesOf(`SELECT ${COLUMNS} FROM messages m`);

/** Two, so that whoever wrote a message can be told whether somebody else has read it. */
const FARTHEST_READERS = `
  (SELECT string_agg(user_id || ' ' || last_read_seq, ',' ORDER BY last_read_seq DESC, user_id)
   FROM (SELECT user_id, last_read_seq FROM participants WHERE conversation_id = $1::uuid AND left_at IS NULL
         ORDER BY last_read_seq DESC, user_id LIMIT 2) r) AS readers`;

const ROOM_PAGES = pagesOf(`
  SELECT ${COLUMNS}, ${SENDER_COLUMNS}, ${FARTHEST_READERS} FROM messages m LEFT JOIN users u ON u.id = m.sender_id`);

const REACTIONS = `
  SELECT message_id AS "messageId", emoji, count(*)::int AS count,
         (array_agg(user_id ORDER BY created_at, user_id))[1:${MOST_NAMED}] AS "userIds"
  FROM message_reactions WHERE message_id = ANY ($1::uuid[])
  GROUP BY message_id, emoji ORDER BY message_id, min(created_at), emoji`;
