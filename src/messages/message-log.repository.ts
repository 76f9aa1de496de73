import { Injectable } from '@nestjs/common';
import type { MessageRecord, MessageRole, MessageStatus } from '../events/domain-events.js';
import { Prisma } from '../prisma/generated/client.js';
import { PrismaService } from '../prisma/prisma.service.js';
import type { ConversationLock } from './conversation-lock.js';
import { MESSAGE_COLUMNS, NEW_MESSAGE_COLUMNS } from './message-rows.js';

/** A message that has no place yet. */
export interface NewMessage {
  id: string;
  conversationId: string;
  role: MessageRole;
  senderId: string | null;
  content: string;
  status: MessageStatus;
  clientMessageId: string | null;
  replyToId: string | null;
  model: string | null;
  /** The assistant owes an answer to this; in a room it is kept as one of the questions that are answered one after another. */
  answerDue: boolean;
  /** An attachment by reference. */
  fileUrl?: string | null;
  fileName?: string | null;
  fileSize?: number | null;
  /** What the channel that it came by knows about it. */
  metadata?: Readonly<Record<string, unknown>> | null;
  /** In a room: the people whom it names. */
  mentions?: readonly string[];
}

/** Writes the log of a conversation: every change takes the next number under the conversation's row lock. */
@Injectable()
export class MessageLogRepository {
  constructor(private readonly prisma: PrismaService) {}

  /**
   * Appends all of `messages`, in their order, in one statement: raise the counters under their row locks, insert with
   * those numbers, return the rows. Rows are locked in id order, so writers cannot deadlock; commit order is number
   * order, so a reader with a cursor never skips one. Messages of absent conversations are left out of the result, and
   * those of people who are not in the room any more.
   */
  async append(messages: readonly NewMessage[]): Promise<MessageRecord[]> {
    const column = <K extends Exclude<keyof NewMessage, 'metadata'>>(key: K) =>
      messages.map((message) => message[key] ?? null);
    const metadata = messages.map((message) => (message.metadata ? JSON.stringify(message.metadata) : null));
    // Lists of lists would be one list to unnest().
    const mentions = messages.map((message) => `{${(message.mentions ?? []).join()}}`);
    return this.prisma.rows<MessageRecord>(Prisma.sql`
      /* prepared: append-messages */
      WITH given AS (
        SELECT * FROM unnest(
          ${column('id')}::uuid[], ${column('conversationId')}::uuid[], ${column('role')}::"MessageRole"[],
          ${column('senderId')}::uuid[], ${column('content')}::text[], ${column('status')}::"MessageStatus"[],
          ${column('clientMessageId')}::text[], ${column('replyToId')}::uuid[], ${column('model')}::text[],
          ${column('answerDue')}::boolean[], ${column('fileUrl')}::text[], ${column('fileName')}::text[],
          ${column('fileSize')}::bigint[], ${metadata}::jsonb[], ${mentions}::text[]
        ) WITH ORDINALITY
          AS t (id, conversation_id, role, sender_id, content, status, client_message_id, reply_to_id, model, answer_due,
                file_url, file_name, file_size, metadata, mentions, place)
      ), locked AS (
        SELECT c.id, c.kind FROM conversations c WHERE c.id IN (SELECT conversation_id FROM given) ORDER BY c.id FOR UPDATE OF c
      ), present AS (
        -- Locked as well, so that what a transaction changed before it gave the conversation free is seen.
        SELECT p.conversation_id, p.user_id
        FROM (SELECT DISTINCT conversation_id, sender_id FROM given) speaker
        JOIN locked l ON l.id = speaker.conversation_id AND l.kind = 'room'
        JOIN participants p ON p.conversation_id = speaker.conversation_id AND p.user_id = speaker.sender_id
        WHERE p.left_at IS NULL FOR UPDATE OF p
      ), input AS (
        SELECT g.*, row_number() OVER (PARTITION BY g.conversation_id ORDER BY g.place)::int AS position
        FROM given g JOIN locked l ON l.id = g.conversation_id
        WHERE l.kind <> 'room' OR g.sender_id IS NULL OR (g.conversation_id, g.sender_id) IN (SELECT * FROM present)
      ), wanted AS (
        SELECT conversation_id, count(*)::int AS count,
               min(position) FILTER (WHERE answer_due) AS first_due, max(position) FILTER (WHERE answer_due) AS due,
               count(*) FILTER (WHERE role IN ('user', 'customer'))::int AS asked,
               coalesce(bool_or(role = 'operator'), false) AS is_replied
        FROM input GROUP BY conversation_id
      ), raised AS (
        UPDATE conversations c
        SET head = c.head + w.count,
            -- Where a human answers, the assistant owes nothing.
            answer_due_seq = CASE WHEN c.is_silenced THEN NULL
                                  WHEN c.kind = 'room' THEN coalesce(c.answer_due_seq, c.head + w.first_due)
                                  ELSE coalesce(c.head + w.due, c.answer_due_seq) END,
            answer_due_at = CASE WHEN w.due IS NULL THEN c.answer_due_at ELSE clock_timestamp() END
        FROM locked l JOIN wanted w ON w.conversation_id = l.id
        WHERE c.id = l.id
        RETURNING c.id, c.kind, c.head - w.count AS base
      ), touched AS (
        UPDATE sessions s SET updated_at = clock_timestamp() FROM raised r WHERE s.id = r.id AND r.kind = 'session'
      ), counted AS (
        UPDATE chat_rooms room SET updated_at = clock_timestamp(), message_count = room.message_count + w.count
        FROM raised r JOIN wanted w ON w.conversation_id = r.id WHERE room.id = r.id AND r.kind = 'room'
        RETURNING room.id, room.message_count - w.count AS base
      ), served AS (
        UPDATE support_chats chat
        SET updated_at = clock_timestamp(), customer_message_count = chat.customer_message_count + w.asked,
            first_response_at = CASE WHEN w.is_replied AND chat.escalated_at IS NOT NULL
                                     THEN coalesce(chat.first_response_at, clock_timestamp()) ELSE chat.first_response_at END
        FROM raised r JOIN wanted w ON w.conversation_id = r.id WHERE chat.id = r.id AND r.kind <> 'room'
      ), said AS (
        -- Whoever speaks in a room has read what was there.
        UPDATE participants p
        SET last_read_seq = r.base + own.position, last_delivered_seq = r.base + own.position,
            read_count = counted.base + own.position, change_seq = r.base + own.position
        FROM (SELECT conversation_id, sender_id, max(position) AS position FROM input GROUP BY 1, 2) own
        JOIN raised r ON r.id = own.conversation_id JOIN counted ON counted.id = own.conversation_id
        WHERE p.conversation_id = own.conversation_id AND p.user_id = own.sender_id
      ), m AS (
        INSERT INTO messages (id, conversation_id, seq, change_seq, role, sender_id, content, status, client_message_id,
                              reply_to_id, model, file_url, file_name, file_size, metadata, mentions, asks_assistant,
                              created_at)
        SELECT i.id, i.conversation_id, r.base + i.position, r.base + i.position, i.role, i.sender_id, i.content, i.status,
               i.client_message_id, i.reply_to_id, i.model, i.file_url, i.file_name, i.file_size, i.metadata,
               i.mentions::uuid[], i.answer_due AND r.kind = 'room', clock_timestamp()
        FROM input i JOIN raised r ON r.id = i.conversation_id
        ORDER BY i.conversation_id, i.position
        RETURNING *
      ), named AS (
        INSERT INTO message_mentions (message_id, user_id) SELECT id, unnest(mentions) FROM m
      )
      SELECT ${NEW_MESSAGE_COLUMNS} FROM m JOIN raised c ON c.id = m.conversation_id ORDER BY m.conversation_id, m.seq`);
  }

  /** Locks the conversation until the transaction ends. Returns its counter, or null when it is absent. */
  async lock(conversationId: string): Promise<ConversationLock | null> {
    const [row] = await this.prisma.db.$queryRaw<ConversationLock[]>`
      /* prepared: lock-conversation */
      SELECT kind::text AS kind, head, fence, answer_due_seq AS "answerDueSeq", is_silenced AS "isSilenced"
      FROM conversations WHERE id = ${conversationId}::uuid FOR UPDATE`;
    return row ?? null;
  }

  /** Takes the next `count` numbers of a locked conversation; returns the first of them. */
  async takeNumbers(conversationId: string, count: number): Promise<number> {
    const [row] = await this.prisma.db.$queryRaw<{ first: number }[]>`
      /* prepared: take-numbers */
      UPDATE conversations SET head = head + ${count} WHERE id = ${conversationId}::uuid RETURNING head - ${count} + 1 AS first`;
    if (!row) throw new Error('takeNumbers needs a locked conversation');
    return row.first;
  }

  /** Replaces the text of a message (its old one becomes a revision) and whom it names, under the number `changeSeq`. */
  async rewrite(
    messageId: string,
    revisionId: string,
    content: string,
    changeSeq: number,
    mentions: readonly string[] = [],
  ): Promise<MessageRecord> {
    const rows = await this.prisma.db.$queryRaw<MessageRecord[]>`
      WITH former AS (
        INSERT INTO message_revisions (id, message_id, content)
        SELECT ${revisionId}::uuid, id, content FROM messages WHERE id = ${messageId}::uuid
      ), m AS (
        UPDATE messages SET content = ${content}, mentions = ${mentions}::uuid[], edited_at = clock_timestamp(), change_seq = ${changeSeq}
        WHERE id = ${messageId}::uuid RETURNING *
      )
      SELECT ${MESSAGE_COLUMNS} FROM m JOIN conversations c ON c.id = m.conversation_id`;
    return only(rows);
  }

  /** Gives a message, of which something beside it changed, the number `changeSeq`. */
  async touch(messageId: string, changeSeq: number): Promise<MessageRecord> {
    const rows = await this.prisma.db.$queryRaw<MessageRecord[]>`
      WITH m AS (UPDATE messages SET change_seq = ${changeSeq} WHERE id = ${messageId}::uuid RETURNING *)
      SELECT ${MESSAGE_COLUMNS} FROM m JOIN conversations c ON c.id = m.conversation_id`;
    return only(rows);
  }

  /** Puts `patch` over what is known of a message, under the number `changeSeq`. */
  async mergeMetadata(messageId: string, patch: object, changeSeq: number): Promise<MessageRecord> {
    const rows = await this.prisma.db.$queryRaw<MessageRecord[]>`
      WITH m AS (
        UPDATE messages SET metadata = coalesce(metadata, '{}') || ${JSON.stringify(patch)}::jsonb, change_seq = ${changeSeq}
        WHERE id = ${messageId}::uuid RETURNING *
      )
      SELECT ${MESSAGE_COLUMNS} FROM m JOIN conversations c ON c.id = m.conversation_id`;
    return only(rows);
  }

  /** Empties a message and forgets what it said before and what was said to it by emoji; its place stays. */
  async erase(messageId: string, changeSeq: number): Promise<MessageRecord> {
    await this.prisma.db.messageReaction.deleteMany({ where: { messageId } });
    await this.prisma.db.messageMention.deleteMany({ where: { messageId } });
    const rows = await this.prisma.db.$queryRaw<MessageRecord[]>`
      WITH former AS (
        DELETE FROM message_revisions WHERE message_id = ${messageId}::uuid
      ), m AS (
        UPDATE messages SET content = '', file_url = NULL, file_name = NULL, file_size = NULL, mentions = '{}', deleted_at = clock_timestamp(),
               change_seq = ${changeSeq}
        WHERE id = ${messageId}::uuid RETURNING *
      )
      SELECT ${MESSAGE_COLUMNS} FROM m JOIN conversations c ON c.id = m.conversation_id`;
    return only(rows);
  }

  /** How many messages from number `fromSeq` on are of the current branch. */
  async countCurrentFrom(conversationId: string, fromSeq: number): Promise<number> {
    return this.prisma.db.message.count({ where: { conversationId, seq: { gte: fromSeq }, supersededById: null } });
  }

  /** Marks every message of the current branch from number `fromSeq` on as replaced by `byId`; changes are numbered from `firstNumber`. */
  async supersedeFrom(
    conversationId: string,
    fromSeq: number,
    byId: string,
    firstNumber: number,
  ): Promise<MessageRecord[]> {
    return this.prisma.db.$queryRaw<MessageRecord[]>`
      WITH old AS (
        SELECT id, row_number() OVER (ORDER BY seq)::int - 1 AS position FROM messages
        WHERE conversation_id = ${conversationId}::uuid AND seq >= ${fromSeq} AND superseded_by_id IS NULL
      ), m AS (
        UPDATE messages SET superseded_by_id = ${byId}::uuid, change_seq = ${firstNumber} + old.position
        FROM old WHERE messages.id = old.id RETURNING messages.*
      )
      SELECT ${MESSAGE_COLUMNS} FROM m JOIN conversations c ON c.id = m.conversation_id ORDER BY m.change_seq`;
  }

  /** Ends an answer that says nothing under the number `changeSeq`. */
  async failAnswer(messageId: string, errorCode: string, changeSeq: number): Promise<MessageRecord> {
    const rows = await this.prisma.db.$queryRaw<MessageRecord[]>`
      WITH m AS (
        UPDATE messages SET status = 'failed', error_code = ${errorCode}, change_seq = ${changeSeq}
        WHERE id = ${messageId}::uuid RETURNING *
      )
      SELECT ${MESSAGE_COLUMNS} FROM m JOIN conversations c ON c.id = m.conversation_id`;
    return only(rows);
  }

  async clearAnswerDue(conversationId: string): Promise<void> {
    await this.prisma.db.$executeRaw`
      /* prepared: clear-answer-due */
      UPDATE conversations SET answer_due_seq = NULL, answer_due_at = NULL WHERE id = ${conversationId}::uuid`;
  }

  /** Notes durably that the assistant owes an answer to message `seq`, unless it is silenced. */
  async markAnswerDue(conversationId: string, seq: number): Promise<void> {
    await this.prisma.db.$executeRaw`
      UPDATE conversations SET answer_due_seq = ${seq}, answer_due_at = clock_timestamp()
      WHERE id = ${conversationId}::uuid AND NOT is_silenced`;
  }
}

function only(rows: MessageRecord[]): MessageRecord {
  const [row] = rows;
  if (!row) throw new Error('the message is gone although its conversation was locked');
  return row;
}
