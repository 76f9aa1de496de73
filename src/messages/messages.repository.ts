import { Injectable } from '@nestjs/common';
import { AppError } from '../common/errors/app-error.js';
import type { ConversationKind, MessageRecord } from '../events/domain-events.js';
import { Prisma } from '../prisma/generated/client.js';
import { PrismaService } from '../prisma/prisma.service.js';
import type { NewMessage } from './message-log.repository.js';
import { readMessagePage } from './message-page-rows.js';
import { MESSAGE_COLUMNS } from './message-rows.js';

/** What changed in a conversation after a number, with the counter of the same moment. */
export interface ChangesSince {
  kind: ConversationKind;
  head: number;
  /** By `changeSeq`. */
  messages: MessageRecord[];
}

/** What a message said before an edit. */
export interface Revision {
  id: string;
  content: string;
  replacedAt: Date;
}

/** A changed message, or the conversation alone when there is none. */
type ChangeRow = Partial<MessageRecord> & Pick<MessageRecord, 'kind'> & { head: number };

/** A message in a room that asks the assistant. */
export interface AskedQuestion {
  id: string;
  seq: number;
  senderId: string;
}

/** A number takes a column of 32 bits. */
export const HIGHEST_SEQ = 2_147_483_647;

const ON_BRANCH = { supersededById: null, deletedAt: null } as const;

/** Reads messages. */
@Injectable()
export class MessagesRepository {
  constructor(private readonly prisma: PrismaService) {}

  async find(messageId: string): Promise<MessageRecord | null> {
    const [row] = await this.select(Prisma.sql`m.id = ${messageId}::uuid`, Prisma.empty);
    return row ?? null;
  }

  /** The message of number `seq` and the first answer of the current branch after it. */
  questionAndAnswer(conversationId: string, seq: number): Promise<MessageRecord[]> {
    return this.select(
      Prisma.sql`m.conversation_id = ${conversationId}::uuid AND (m.seq = ${seq} OR
        m.seq > ${seq} AND m.role = 'assistant' AND m.sender_id IS NULL AND m.superseded_by_id IS NULL)`,
      Prisma.sql`ORDER BY m.seq LIMIT 2`,
    );
  }

  /** Up to `limit` messages before number `before`, ascending, with the marks of who has read them; the newest ones when `before` is null. */
  async pageBefore(
    kind: ConversationKind,
    conversationId: string,
    before: number | null,
    limit: number,
  ): Promise<MessageRecord[]> {
    const rows = await readMessagePage(this.prisma, [kind, conversationId], 'before', before ?? HIGHEST_SEQ, limit);
    return rows.reverse();
  }

  /** Up to `limit` messages after number `after`, ascending, with the marks of who has read them. */
  pageAfter(kind: ConversationKind, conversationId: string, after: number, limit: number): Promise<MessageRecord[]> {
    return readMessagePage(this.prisma, [kind, conversationId], 'after', after, limit);
  }

  /** Whether the assistant answers this message, or did, and nobody has said anything since. */
  async isLastAnswered({ id, conversationId, seq }: MessageRecord): Promise<boolean> {
    const later = await this.prisma.db.message.findMany({
      where: { ...ON_BRANCH, conversationId, seq: { gt: seq }, role: { not: 'system' } },
      select: { role: true, replyToId: true },
      orderBy: { seq: 'asc' },
      take: 2,
    });
    return later.length === 1 && later[0]?.role === 'assistant' && later[0].replyToId === id;
  }

  /** How many messages people see in each of these conversations: neither replaced nor deleted. Those without any are left out. */
  async countShown(conversationIds: readonly string[]): Promise<Map<string, number>> {
    const groups = await this.prisma.db.message.groupBy({
      by: ['conversationId'],
      where: { ...ON_BRANCH, conversationId: { in: [...conversationIds] } },
      _count: { _all: true },
    });
    return new Map(groups.map(({ conversationId, _count }) => [conversationId, _count._all]));
  }

  /** Up to `limit` messages that changed after number `since`, by that change, and the counter, both of one snapshot. Null when absent. */
  async changesSince(conversationId: string, since: number, limit: number): Promise<ChangesSince | null> {
    const rows = await this.prisma.db.$queryRaw<ChangeRow[]>`
      SELECT c.head, ${MESSAGE_COLUMNS}
      FROM conversations c
      LEFT JOIN LATERAL (
        SELECT * FROM messages WHERE conversation_id = c.id AND change_seq > ${since} ORDER BY change_seq LIMIT ${limit}
      ) m ON true
      WHERE c.id = ${conversationId}::uuid ORDER BY m.change_seq`;
    const [first] = rows;
    if (!first) return null;
    return {
      head: first.head,
      kind: first.kind,
      messages: rows.filter(isMessage).map(({ head: _, ...message }) => message),
    };
  }

  /** The counters of those of these conversations that exist. */
  async headsOf(conversationIds: readonly string[]): Promise<Map<string, number>> {
    const rows = await this.prisma.db.conversation.findMany({
      where: { id: { in: [...conversationIds] } },
      select: { id: true, head: true },
    });
    return new Map(rows.map(({ id, head }) => [id, head]));
  }

  async headOf(conversationId: string): Promise<number | null> {
    const row = await this.prisma.db.conversation.findUnique({ where: { id: conversationId }, select: { head: true } });
    return row?.head ?? null;
  }

  /** Whether the assistant owes no answers here, because a human was called or is there. */
  async isSilenced(conversationId: string): Promise<boolean> {
    const row = await this.prisma.db.conversation.findUnique({
      where: { id: conversationId },
      select: { isSilenced: true },
    });
    return row?.isSilenced === true;
  }

  /** Whether the assistant owes an answer that it has not begun. */
  async isAnswerDue(conversationId: string): Promise<boolean> {
    const row = await this.prisma.db.conversation.findUnique({
      where: { id: conversationId },
      select: { answerDueSeq: true },
    });
    return row?.answerDueSeq != null;
  }

  /** The newest `limit` texts of the current branch before number `beforeSeq`, oldest first. */
  async history(
    conversationId: string,
    beforeSeq: number,
    limit: number,
  ): Promise<{ role: MessageRecord['role']; content: string }[]> {
    const rows = await this.prisma.db.$queryRaw<{ role: MessageRecord['role']; content: string }[]>`
      /* prepared: history */
      SELECT m.role::text AS role, m.content
      FROM conversations c JOIN messages m ON m.conversation_id = c.id AND m.seq > c.context_seq
      WHERE c.id = ${conversationId}::uuid AND m.seq < ${beforeSeq} AND m.superseded_by_id IS NULL AND m.deleted_at IS NULL
        AND m.content <> '' AND m.status <> 'failed'
      ORDER BY m.seq DESC LIMIT ${limit}`;
    return rows.reverse();
  }

  /** The newest `limit` messages of a room before number `beforeSeq` that say something, oldest first. */
  async spokenBefore(conversationId: string, beforeSeq: number, limit: number): Promise<MessageRecord[]> {
    const rows = await this.select(
      Prisma.sql`m.conversation_id = ${conversationId}::uuid AND m.seq < ${beforeSeq} AND m.deleted_at IS NULL
        AND m.superseded_by_id IS NULL AND m.content <> '' AND m.status <> 'failed'`,
      Prisma.sql`ORDER BY m.seq DESC LIMIT ${limit}`,
    );
    return rows.reverse();
  }

  /** Up to `limit` messages from number `fromSeq` on that ask the assistant, of people who are in the room. */
  questionsFrom(conversationId: string, fromSeq: number, limit: number): Promise<AskedQuestion[]> {
    return this.prisma.db.$queryRaw<AskedQuestion[]>`
      SELECT m.id, m.seq, m.sender_id AS "senderId" FROM messages m
      JOIN participants p ON p.conversation_id = m.conversation_id AND p.user_id = m.sender_id AND p.left_at IS NULL
      WHERE m.conversation_id = ${conversationId}::uuid AND m.seq >= ${fromSeq} AND m.asks_assistant AND m.deleted_at IS NULL
      ORDER BY m.seq LIMIT ${limit}`;
  }

  /** How many questions of a room wait for the assistant. */
  async countWaiting(conversationId: string): Promise<number> {
    const [row] = await this.prisma.db.$queryRaw<{ count: number }[]>`
      SELECT count(*)::int AS count FROM messages m JOIN conversations c ON c.id = m.conversation_id
      WHERE c.id = ${conversationId}::uuid AND m.seq >= c.answer_due_seq AND m.asks_assistant AND m.deleted_at IS NULL`;
    return row?.count ?? 0;
  }

  /** The newest message of a person on the current branch before number `beforeSeq`. */
  async lastQuestion(
    conversationId: string,
    beforeSeq: number,
  ): Promise<{ id: string; senderId: string | null } | null> {
    const [row] = await this.prisma.db.$queryRaw<{ id: string; senderId: string | null }[]>`
      /* prepared: last-question */
      SELECT id, sender_id AS "senderId" FROM messages
      WHERE conversation_id = ${conversationId}::uuid AND seq < ${beforeSeq} AND role IN ('user', 'customer')
        AND superseded_by_id IS NULL AND deleted_at IS NULL
      ORDER BY seq DESC LIMIT 1`;
    return row ?? null;
  }

  /** The first text that a person wrote. */
  async firstQuestion(conversationId: string): Promise<string | null> {
    const row = await this.prisma.db.message.findFirst({
      where: { ...ON_BRANCH, conversationId, role: { in: ['user', 'customer'] } },
      select: { content: true },
      orderBy: { seq: 'asc' },
    });
    return row?.content ?? null;
  }

  /** Up to `limit` former texts of a message after the given one, oldest first. */
  async revisions(messageId: string, limit: number, after?: { at: Date; id: string }): Promise<Revision[]> {
    const place = after && {
      replacedAt: { gte: after.at },
      OR: [{ replacedAt: { gt: after.at } }, { id: { gt: after.id } }],
    };
    return this.prisma.db.messageRevision.findMany({
      where: { messageId, ...place },
      select: { id: true, content: true, replacedAt: true },
      orderBy: [{ replacedAt: 'asc' }, { id: 'asc' }],
      take: limit,
    });
  }

  /**
   * The message that was stored before under the same sender, conversation and client message id.
   * @throws AppError IDEMPOTENCY_KEY_REUSED when it says something else
   */
  async findTwin(
    message: Pick<NewMessage, 'conversationId' | 'senderId' | 'clientMessageId' | 'content' | 'replyToId' | 'fileUrl'>,
  ): Promise<MessageRecord | null> {
    const { conversationId, senderId, clientMessageId } = message;
    if (clientMessageId === null || senderId === null) return null;
    const twin = await this.findByClientId(conversationId, senderId, clientMessageId);
    if (!twin) return null;
    const hasSameFile = twin.deletedAt !== null || twin.fileUrl === (message.fileUrl ?? null);
    const isSame = twin.replyToId === message.replyToId && hasSameFile && (await this.onceSaid(twin, message.content));
    if (!isSame) throw new AppError('IDEMPOTENCY_KEY_REUSED');
    return twin;
  }

  /** What a sender said under a client message id. */
  async findByClientId(conversationId: string, senderId: string, clientId: string): Promise<MessageRecord | null> {
    const [row] = await this.prisma.db.$queryRaw<MessageRecord[]>`
      /* prepared: find-by-client-id */
      SELECT ${MESSAGE_COLUMNS} FROM messages m JOIN conversations c ON c.id = m.conversation_id
      WHERE m.conversation_id = ${conversationId}::uuid AND m.sender_id = ${senderId}::uuid AND m.client_message_id = ${clientId}`;
    return row ?? null;
  }

  private async onceSaid(twin: MessageRecord, content: string): Promise<boolean> {
    if (twin.content === content || twin.deletedAt !== null) return true;
    if (twin.editedAt === null) return false;
    const [first] = await this.revisions(twin.id, 1);
    return first?.content === content;
  }

  private select(where: Prisma.Sql, rest: Prisma.Sql): Promise<MessageRecord[]> {
    return this.prisma.db.$queryRaw<MessageRecord[]>`
      SELECT ${MESSAGE_COLUMNS} FROM messages m JOIN conversations c ON c.id = m.conversation_id WHERE ${where} ${rest}`;
  }
}

function isMessage(row: ChangeRow): row is MessageRecord & { head: number } {
  return typeof row.id === 'string';
}
