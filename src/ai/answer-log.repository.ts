import { Injectable } from '@nestjs/common';
import type { MessageRecord, MessageRole } from '../events/domain-events.js';
import { MESSAGE_COLUMNS, NEW_MESSAGE_COLUMNS } from '../messages/message-rows.js';
import { Prisma } from '../prisma/generated/client.js';
import { PrismaService } from '../prisma/prisma.service.js';
import type { AnswerSettings } from '../sessions/session.js';
import type { GenerationEnd } from './generations.repository.js';

/** A session that is owed an answer, with all that the answer goes by, as it was at number `head`. */
export interface DueSession extends AnswerSettings {
  id: string;
  /** The conversation's counter: as long as it stands, nothing was said, changed, begun or ended. */
  head: number;
  questionId: string | null;
  senderId: string | null;
  /** The newest texts of the current branch, oldest first. */
  history: { role: MessageRole; content: string }[];
}

/** An answer that is to begin. */
export interface AnswerStart {
  conversationId: string;
  /** It begins only while the conversation's counter stands here; null when its lock is held. */
  head: number | null;
  messageId: string;
  questionId: string | null;
  /** The question that is owed an answer after this one. */
  nextDueSeq: number | null;
  provider: string;
  model: string;
  /** Null: its message is stored, but nothing runs. */
  generationId: string | null;
  requestedById: string | null;
}

/** An answer that is to end. */
export interface AnswerStop extends GenerationEnd {
  generationId: string;
  conversationId: string;
  messageId: string;
  /** Its text. */
  content: string;
  provider: string;
  model: string;
  /** Who pays for it, if anybody. */
  paidById: string | null;
}

/**
 * How answers begin and end: the message, its run, the counter and the account in one statement each, for any number of
 * conversations. Their rows are locked in the order of their ids, as by all writers of the log.
 */
@Injectable()
export class AnswerLogRepository {
  constructor(private readonly prisma: PrismaService) {}

  /** Those of the conversations that are sessions, are owed an answer and may have one, with up to `limit` texts of each. */
  due(conversationIds: readonly string[], limit: number): Promise<DueSession[]> {
    return this.prisma.read<DueSession>('due-sessions', DUE_SESSIONS, [conversationIds, limit]);
  }

  /**
   * Stores empty, `streaming` messages and their runs. Those whose conversation has gone on, is silenced or locked by somebody
   * else are left out of the result.
   */
  begin(
    starts: readonly AnswerStart[],
    { nodeId, leaseMs }: { nodeId: string; leaseMs: number },
  ): Promise<MessageRecord[]> {
    const column = <K extends keyof AnswerStart>(key: K) => starts.map((start) => start[key]);
    return this.prisma.rows<MessageRecord>(Prisma.sql`
      /* prepared: begin-answers */
      WITH given AS (
        SELECT * FROM unnest(
          ${column('conversationId')}::uuid[], ${column('head')}::int[], ${column('messageId')}::uuid[],
          ${column('questionId')}::uuid[], ${column('nextDueSeq')}::int[], ${column('provider')}::text[],
          ${column('model')}::text[], ${column('generationId')}::uuid[], ${column('requestedById')}::uuid[]
        ) AS t (conversation_id, head, message_id, question_id, next_due, provider, model, generation_id, requested_by_id)
      ), locked AS (
        SELECT c.id FROM conversations c JOIN given g ON g.conversation_id = c.id
        WHERE NOT c.is_silenced AND (g.head IS NULL OR (c.head = g.head AND c.answer_due_seq IS NOT NULL))
        ORDER BY c.id FOR UPDATE OF c SKIP LOCKED
      ), raised AS (
        UPDATE conversations c
        SET head = c.head + 1, answer_due_seq = g.next_due,
            answer_due_at = CASE WHEN g.next_due IS NULL THEN NULL ELSE clock_timestamp() END
        FROM locked l JOIN given g ON g.conversation_id = l.id
        WHERE c.id = l.id
        RETURNING c.id, c.kind, c.head, c.fence
      ), touched AS (
        UPDATE sessions s SET updated_at = clock_timestamp() FROM raised r WHERE s.id = r.id AND r.kind = 'session'
      ), counted AS (
        UPDATE chat_rooms room SET updated_at = clock_timestamp(), message_count = room.message_count + 1
        FROM raised r WHERE room.id = r.id AND r.kind = 'room'
      ), served AS (
        UPDATE support_chats chat SET updated_at = clock_timestamp() FROM raised r WHERE chat.id = r.id AND r.kind <> 'room'
      ), m AS (
        INSERT INTO messages (id, conversation_id, seq, change_seq, role, content, status, reply_to_id, model, mentions, created_at)
        SELECT g.message_id, r.id, r.head, r.head, 'assistant', '', 'streaming', g.question_id, g.model, '{}', clock_timestamp()
        FROM given g JOIN raised r ON r.id = g.conversation_id
        RETURNING *
      ), run AS (
        INSERT INTO generations (id, conversation_id, message_id, requested_by_id, fence, node_id, lease_until, provider, model)
        SELECT g.generation_id, r.id, g.message_id, g.requested_by_id, r.fence, ${nodeId},
               now() + ${leaseMs} * interval '1 millisecond', g.provider, g.model
        FROM given g JOIN raised r ON r.id = g.conversation_id WHERE g.generation_id IS NOT NULL
      )
      SELECT ${NEW_MESSAGE_COLUMNS} FROM m JOIN raised c ON c.id = m.conversation_id`);
  }

  /**
   * Ends runs that still run and whose fence nobody raised since they began; of several endings of one run one wins. A
   * message that was deleted meanwhile stays empty. Who pays does so for what ends here, and for what was deleted with its
   * conversation. `patience` says what becomes of a conversation that somebody else has locked: it is waited for, or left out.
   * Returns the messages of the runs that ended here.
   */
  end(stops: readonly AnswerStop[], patience: 'wait' | 'skip'): Promise<MessageRecord[]> {
    const { name, lock, orDeleted } = ENDINGS[patience];
    const column = <K extends keyof AnswerStop>(key: K) => stops.map((stop) => stop[key]);
    return this.prisma.rows<MessageRecord>(Prisma.sql`
      /* prepared: ${name} */
      WITH given AS (
        SELECT * FROM unnest(
          ${column('generationId')}::uuid[], ${column('conversationId')}::uuid[], ${column('messageId')}::uuid[],
          ${column('content')}::text[], ${column('state')}::text[], ${column('errorCode')}::text[],
          ${column('provider')}::text[], ${column('model')}::text[], ${column('promptTokens')}::int[],
          ${column('completionTokens')}::int[], ${column('usageKind')}::"UsageKind"[], ${column('paidById')}::uuid[]
        ) AS t (id, conversation_id, message_id, content, state, error_code, provider, model, prompt_tokens,
                completion_tokens, usage_kind, paid_by_id)
      ), locked AS (
        SELECT c.id, c.fence FROM conversations c WHERE c.id IN (SELECT conversation_id FROM given) ORDER BY c.id ${lock}
      ), ended AS (
        UPDATE generations run
        SET state = g.state::"GenerationState", ended_at = clock_timestamp(), text = '', error_code = g.error_code,
            prompt_tokens = g.prompt_tokens, completion_tokens = g.completion_tokens, usage_kind = g.usage_kind
        FROM given g JOIN locked l ON l.id = g.conversation_id
        WHERE run.id = g.id AND run.state = 'running' AND run.fence = l.fence
        RETURNING run.id, run.conversation_id
      ), raised AS (
        UPDATE conversations c SET head = c.head + 1 FROM ended WHERE c.id = ended.conversation_id
        RETURNING c.id, c.kind, c.head, ended.id AS generation_id
      ), m AS (
        UPDATE messages message
        SET content = CASE WHEN message.deleted_at IS NULL THEN g.content ELSE '' END, status = g.state::"MessageStatus",
            model = g.model, prompt_tokens = g.prompt_tokens, completion_tokens = g.completion_tokens,
            usage_kind = g.usage_kind, error_code = g.error_code, change_seq = r.head
        FROM raised r JOIN given g ON g.id = r.generation_id
        WHERE message.id = g.message_id RETURNING message.*
      ), paid AS (
        INSERT INTO usage_entries (id, user_id, conversation_id, provider, model, prompt_tokens, completion_tokens, kind, created_at)
        SELECT g.id, g.paid_by_id, g.conversation_id, g.provider, g.model, g.prompt_tokens, g.completion_tokens, g.usage_kind,
               clock_timestamp()
        FROM given g
        WHERE g.paid_by_id IS NOT NULL AND (g.id IN (SELECT id FROM ended)${orDeleted})
      )
      SELECT ${MESSAGE_COLUMNS} FROM m JOIN raised c ON c.id = m.conversation_id`);
  }
}

const ENDINGS = {
  wait: {
    name: Prisma.raw('end-answers'),
    lock: Prisma.raw('FOR UPDATE OF c'),
    orDeleted: Prisma.raw(' OR g.conversation_id NOT IN (SELECT id FROM locked)'),
  },
  skip: {
    name: Prisma.raw('end-free-answers'),
    lock: Prisma.raw('FOR UPDATE OF c SKIP LOCKED'),
    orDeleted: Prisma.empty,
  },
};

const DUE_SESSIONS = `
  SELECT c.id, c.head, s.owner_id AS "ownerId", s.title, s.provider, s.model, s.system_prompt AS "systemPrompt",
         question.id AS "questionId", question.sender_id AS "senderId", coalesce(said.texts, '[]') AS history
  FROM conversations c
  JOIN sessions s ON s.id = c.id
  LEFT JOIN LATERAL (
    SELECT m.id, m.sender_id FROM messages m
    WHERE m.conversation_id = c.id AND m.seq <= c.head AND m.role IN ('user', 'customer')
      AND m.superseded_by_id IS NULL AND m.deleted_at IS NULL
    ORDER BY m.seq DESC LIMIT 1
  ) question ON true
  LEFT JOIN LATERAL (
    SELECT json_agg(json_build_object('role', newest.role, 'content', newest.content) ORDER BY newest.seq) AS texts
    FROM (
      SELECT m.role, m.content, m.seq FROM messages m
      WHERE m.conversation_id = c.id AND m.seq > c.context_seq AND m.superseded_by_id IS NULL AND m.deleted_at IS NULL
        AND m.content <> '' AND m.status <> 'failed'
      ORDER BY m.seq DESC LIMIT $2
    ) newest
  ) said ON true
  WHERE c.id = ANY ($1::uuid[]) AND c.answer_due_seq IS NOT NULL AND NOT c.is_silenced
    AND NOT EXISTS (SELECT FROM generations run WHERE run.conversation_id = c.id AND run.state = 'running')`;
