import { Prisma } from '../prisma/generated/client.js';

/** How many of those who reacted with one emoji are named; the rest is counted. */
export const MOST_NAMED = 50;

const OWN_COLUMNS = Prisma.sql`
  m.id, m.conversation_id AS "conversationId", c.kind::text AS kind, m.seq, m.change_seq AS "changeSeq",
  m.role::text AS role, m.sender_id AS "senderId", m.content, m.status::text AS status,
  m.client_message_id AS "clientMessageId", m.reply_to_id AS "replyToId", m.superseded_by_id AS "supersededById",
  m.file_url AS "fileUrl", m.file_name AS "fileName", m.file_size::float8 AS "fileSize",
  m.metadata,
  m.model, m.prompt_tokens AS "promptTokens", m.completion_tokens AS "completionTokens",
  m.usage_kind::text AS "usageKind", m.error_code AS "errorCode",
  coalesce(m.mentions, '{}') AS mentions, m.created_at AS "createdAt", m.edited_at AS "editedAt", m.deleted_at AS "deletedAt",
  (SELECT json_build_object('id', u.id, 'name', u.name, 'firstName', u.first_name, 'lastName', u.last_name,
     'username', u.username, 'role', u.role, 'avatarUrl', u.avatar_url)
   FROM users u WHERE u.id = m.sender_id AND c.kind = 'room') AS sender`;

/** The columns of a `MessageRecord`, from `messages m` and `conversations c`. */
export const MESSAGE_COLUMNS = Prisma.sql`${OWN_COLUMNS},
  (SELECT coalesce(json_agg(json_build_object('emoji', r.emoji, 'count', r.count, 'userIds', r.ids) ORDER BY r.first, r.emoji), '[]')
   FROM (SELECT emoji, count(*)::int, min(created_at) AS first,
                (array_agg(user_id ORDER BY created_at, user_id))[1:${Prisma.raw(String(MOST_NAMED))}] AS ids
         FROM message_reactions WHERE message_id = m.id GROUP BY emoji) r) AS reactions`;

/** The same of messages that are being stored: nobody has answered them by emoji yet. */
export const NEW_MESSAGE_COLUMNS = Prisma.sql`${OWN_COLUMNS}, '[]'::json AS reactions`;
