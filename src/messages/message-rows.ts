import { Prisma } from '../prisma/generated/client.js';
import type { MessageRecord } from '../events/domain-events.js';

/** The columns of a `MessageRecord`, from `messages m` and `conversations c`. */
export const MESSAGE_COLUMNS = Prisma.sql`
  m.id, m.conversation_id AS "conversationId", c.kind::text AS kind, m.seq, m.change_seq AS "changeSeq",
  m.role::text AS role, m.sender_id AS "senderId", m.content, m.status::text AS status,
  m.client_message_id AS "clientMessageId", m.reply_to_id AS "replyToId", m.superseded_by_id AS "supersededById",
  m.file_url AS "fileUrl", m.file_name AS "fileName", m.file_size::float8 AS "fileSize",
  m.metadata,
  m.model, m.prompt_tokens AS "promptTokens", m.completion_tokens AS "completionTokens",
  m.usage_kind::text AS "usageKind", m.error_code AS "errorCode",
  m.created_at AS "createdAt", m.edited_at AS "editedAt", m.deleted_at AS "deletedAt",
  (SELECT json_build_object('id', u.id, 'name', u.name, 'firstName', u.first_name, 'lastName', u.last_name,
     'username', u.username, 'role', u.role, 'avatarUrl', u.avatar_url)
   FROM users u WHERE u.id = m.sender_id AND c.kind = 'room') AS sender`;

export type MessageRow = MessageRecord;
