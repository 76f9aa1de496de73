import { Injectable } from '@nestjs/common';
import type { MessageRecord } from '../events/domain-events.js';
import { Prisma } from '../prisma/generated/client.js';
import { PrismaService } from '../prisma/prisma.service.js';
import { MESSAGE_COLUMNS } from './message-rows.js';

const OF_CUSTOMER = Prisma.sql`m.role IN ('user', 'customer')`;
const OF_PERSON = Prisma.sql`m.role IN ('user', 'customer', 'operator')`;

/** Which messages of a conversation: `offset` of the oldest are passed over, `before` is a number. */
export interface PageRange {
  limit: number;
  offset?: number;
  before?: number;
}

/** What the desk asks of conversations. */
@Injectable()
export class DeskMessagesRepository {
  constructor(private readonly prisma: PrismaService) {}

  /** `limit` messages of the current branch, ascending: from the `offset`th on, or the newest ones. */
  async page(conversationId: string, { limit, offset, before }: PageRange): Promise<MessageRecord[]> {
    const bound = before === undefined ? Prisma.empty : Prisma.sql`AND m.seq < ${before}`;
    const where = Prisma.sql`m.conversation_id = ${conversationId}::uuid AND m.superseded_by_id IS NULL ${bound}`;
    if (offset !== undefined) return this.select(where, Prisma.sql`ORDER BY m.seq LIMIT ${limit} OFFSET ${offset}`);
    return (await this.select(where, Prisma.sql`ORDER BY m.seq DESC LIMIT ${limit}`)).reverse();
  }

  /** The first `limit` messages of the current branch after number `seq`. */
  after(conversationId: string, seq: number, limit: number): Promise<MessageRecord[]> {
    return this.select(
      Prisma.sql`m.conversation_id = ${conversationId}::uuid AND m.seq > ${seq} AND m.superseded_by_id IS NULL`,
      Prisma.sql`ORDER BY m.seq LIMIT ${limit}`,
    );
  }

  /** Whether a person said something after number `seq`; a repetition of the message that is to be stored does not count. */
  async hasPersonSpokenAfter(
    conversationId: string,
    seq: number,
    reply: { operatorId: string; clientMessageId: string | null },
  ): Promise<boolean> {
    const [row] = await this.prisma.db.$queryRaw<unknown[]>`
      SELECT 1 FROM messages m
      WHERE m.conversation_id = ${conversationId}::uuid AND m.seq > ${seq} AND ${OF_PERSON} AND m.superseded_by_id IS NULL
        AND (m.sender_id, m.client_message_id) IS DISTINCT FROM (${reply.operatorId}::uuid, ${reply.clientMessageId})
      LIMIT 1`;
    return row !== undefined;
  }

  /** What was said last, notices of the server apart. */
  async newestOf(conversationIds: readonly string[]): Promise<Map<string, MessageRecord>> {
    const rows = await this.prisma.db.$queryRaw<MessageRecord[]>`
      SELECT ${MESSAGE_COLUMNS}
      FROM unnest(${[...conversationIds]}::uuid[]) AS wanted (id)
      JOIN conversations c ON c.id = wanted.id
      CROSS JOIN LATERAL (
        SELECT * FROM messages
        WHERE conversation_id = wanted.id AND superseded_by_id IS NULL AND deleted_at IS NULL AND role <> 'system'
        ORDER BY seq DESC LIMIT 1
      ) m`;
    return new Map(rows.map((row) => [row.conversationId, row]));
  }

  async lastOfCustomer(conversationId: string): Promise<string | null> {
    const [row] = await this.prisma.db.$queryRaw<{ content: string }[]>`
      SELECT m.content FROM messages m
      WHERE m.conversation_id = ${conversationId}::uuid AND ${OF_CUSTOMER} AND m.deleted_at IS NULL
      ORDER BY m.seq DESC LIMIT 1`;
    return row?.content ?? null;
  }

  async countOfCustomerAfter(conversationId: string, seq: number): Promise<number> {
    const [row] = await this.prisma.db.$queryRaw<{ count: number }[]>`
      SELECT count(*)::int AS count FROM messages m
      WHERE m.conversation_id = ${conversationId}::uuid AND m.seq > ${seq} AND ${OF_CUSTOMER}`;
    return row?.count ?? 0;
  }

  async silence(conversationId: string): Promise<void> {
    await this.prisma.db.$executeRaw`
      UPDATE conversations SET is_silenced = true, answer_due_seq = NULL, answer_due_at = NULL
      WHERE id = ${conversationId}::uuid`;
  }

  /** Silences, and makes every answer that began before unable to write. */
  async raiseFence(conversationId: string): Promise<void> {
    await this.prisma.db.$executeRaw`
      UPDATE conversations SET is_silenced = true, fence = fence + 1, answer_due_seq = NULL, answer_due_at = NULL
      WHERE id = ${conversationId}::uuid`;
  }

  async unsilence(conversationId: string): Promise<void> {
    await this.prisma.db.$executeRaw`UPDATE conversations SET is_silenced = false WHERE id = ${conversationId}::uuid`;
  }

  /** The place of the newest message when it is the customer's, whom nobody has answered yet. */
  async unansweredSeq(conversationId: string): Promise<number | null> {
    const [row] = await this.prisma.db.$queryRaw<{ seq: number; isAsked: boolean }[]>`
      SELECT m.seq, ${OF_CUSTOMER} AS "isAsked" FROM messages m
      WHERE m.conversation_id = ${conversationId}::uuid AND m.role <> 'system' AND m.superseded_by_id IS NULL
        AND m.deleted_at IS NULL
      ORDER BY m.seq DESC LIMIT 1`;
    return row?.isAsked ? row.seq : null;
  }

  async forgetContext(conversationId: string): Promise<void> {
    await this.prisma.db.$executeRaw`UPDATE conversations SET context_seq = head WHERE id = ${conversationId}::uuid`;
  }

  private select(where: Prisma.Sql, rest: Prisma.Sql): Promise<MessageRecord[]> {
    return this.prisma.db.$queryRaw<MessageRecord[]>`
      SELECT ${MESSAGE_COLUMNS} FROM messages m JOIN conversations c ON c.id = m.conversation_id WHERE ${where} ${rest}`;
  }
}
