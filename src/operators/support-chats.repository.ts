import { Injectable } from '@nestjs/common';
import { Prisma } from '../prisma/generated/client.js';
import { PrismaService } from '../prisma/prisma.service.js';
import type { ChatPriority } from '../events/domain-events.js';
import { CHAT_COLUMNS } from './support-chat-rows.js';
import type { ChatCustomer, SupportChatFilter, SupportChatRecord } from './support-chat.js';

export interface ListedChat {
  chat: SupportChatRecord;
  customer: ChatCustomer;
}

/** Marks of a chat that are no transition; what is absent stays. */
export interface ChatMarks {
  priority?: ChatPriority;
  tags?: string[];
  isPinned?: boolean;
}

const CUSTOMER = Prisma.sql`
  coalesce(c.id, u.id) AS customer_id_, c.telegram_id::float8 AS customer_telegram_id,
  coalesce(c.username, u.username) AS customer_username, coalesce(c.first_name, u.first_name) AS customer_first_name,
  coalesce(c.last_name, u.last_name) AS customer_last_name, u.name AS customer_name,
  c.language_code AS customer_language_code, coalesce(c.is_blocked, false) AS customer_is_blocked,
  coalesce(c.created_at, u.created_at) AS customer_created_at`;

const PEOPLE = Prisma.sql`LEFT JOIN customers c ON c.id = s.customer_id LEFT JOIN users u ON u.id = s.user_id`;

interface ListedRow extends SupportChatRecord {
  customer_id_: string;
  customer_telegram_id: number | null;
  customer_username: string | null;
  customer_first_name: string | null;
  customer_last_name: string | null;
  customer_name: string | null;
  customer_language_code: string | null;
  customer_is_blocked: boolean;
  customer_created_at: Date;
}

/** Reads support chats and changes their marks. */
@Injectable()
export class SupportChatsRepository {
  constructor(private readonly prisma: PrismaService) {}

  async find(id: string): Promise<SupportChatRecord | null> {
    const [row] = await this.prisma.db.$queryRaw<SupportChatRecord[]>`
      SELECT ${CHAT_COLUMNS} FROM support_chats s WHERE s.id = ${id}::uuid`;
    return row ?? null;
  }

  async findListed(id: string): Promise<ListedChat | null> {
    const [row] = await this.prisma.db.$queryRaw<ListedRow[]>`
      SELECT ${CHAT_COLUMNS}, ${CUSTOMER} FROM support_chats s ${PEOPLE} WHERE s.id = ${id}::uuid`;
    return row ? toListed(row) : null;
  }

  async findListedAll(ids: readonly string[]): Promise<ListedChat[]> {
    const rows = await this.prisma.db.$queryRaw<ListedRow[]>`
      SELECT ${CHAT_COLUMNS}, ${CUSTOMER} FROM support_chats s ${PEOPLE} WHERE s.id = ANY (${[...ids]}::uuid[])`;
    return rows.map(toListed);
  }

  /** Pinned ones first, then by their latest activity. `seenBy` bounds it to what an operator may see. */
  async list(
    filter: SupportChatFilter,
    seenBy: string | null,
    { page, limit }: { page: number; limit: number },
  ): Promise<ListedChat[]> {
    const rows = await this.prisma.db.$queryRaw<ListedRow[]>(listQuery(filter, seenBy, page, limit));
    return rows.map(toListed);
  }

  /** The open chat of a person with an account; their row is locked, so that of two that are opened at once one is. */
  async findOpenOf(userId: string): Promise<SupportChatRecord | null> {
    await this.prisma.db.$queryRaw`SELECT 1 AS found FROM users WHERE id = ${userId}::uuid FOR NO KEY UPDATE`;
    const [row] = await this.prisma.db.$queryRaw<SupportChatRecord[]>`
      SELECT ${CHAT_COLUMNS} FROM support_chats s
      WHERE s.user_id = ${userId}::uuid AND s.status IN ('waiting', 'in_progress')`;
    return row ?? null;
  }

  /** Makes an AI session a support chat, unless it is one. */
  async ensureForSession(sessionId: string): Promise<SupportChatRecord | null> {
    await this.prisma.db.$executeRaw`
      INSERT INTO support_chats (id, source, user_id, customer_message_count)
      SELECT id, 'website', owner_id, (SELECT count(*) FROM messages WHERE conversation_id = sessions.id AND role = 'user')
      FROM sessions WHERE id = ${sessionId}::uuid
      ON CONFLICT (id) DO NOTHING`;
    return this.find(sessionId);
  }

  async setMarks(id: string, { priority, tags, isPinned }: ChatMarks): Promise<boolean> {
    const columns = [Prisma.sql`updated_at = clock_timestamp()`];
    if (priority !== undefined) columns.push(Prisma.sql`priority = ${priority}::"ChatPriority"`);
    if (tags !== undefined) columns.push(Prisma.sql`tags = ${tags}::text[]`);
    if (isPinned !== undefined) columns.push(Prisma.sql`is_pinned = ${isPinned}`);
    const count = await this.prisma.db.$executeRaw`
      UPDATE support_chats SET ${Prisma.join(columns)} WHERE id = ${id}::uuid`;
    return count > 0;
  }

  /** Moves the operators' position forward. Returns whether it moved. */
  async markRead(id: string, seq: number, unreadAfter: number): Promise<boolean> {
    const count = await this.prisma.db.$executeRaw`
      UPDATE support_chats
      SET read_seq = ${seq}, read_count = greatest(read_count, customer_message_count - ${unreadAfter})
      WHERE id = ${id}::uuid AND read_seq < ${seq}`;
    return count > 0;
  }

  /** Whether there was a closed chat to rate. */
  async rate(id: string, rating: number): Promise<boolean> {
    const count = await this.prisma.db.$executeRaw`
      UPDATE support_chats SET rating = ${rating}, rated_at = clock_timestamp()
      WHERE id = ${id}::uuid AND status = 'closed'`;
    return count > 0;
  }
}

/** The statement of `list`; exported so that a test can ask for its plan. */
export function listQuery(filter: SupportChatFilter, seenBy: string | null, page: number, limit: number): Prisma.Sql {
  const { status, priority, source, operatorId, tag, search } = filter;
  const conditions = [
    status
      ? Prisma.sql`s.status = ANY (${[...status]}::"SupportChatStatus"[])`
      : Prisma.sql`s.status <> 'bot'::"SupportChatStatus"`,
  ];
  if (seenBy !== null) conditions.push(Prisma.sql`(s.status = 'waiting' OR s.operator_id = ${seenBy}::uuid)`);
  if (priority) conditions.push(Prisma.sql`s.priority = ANY (${[...priority]}::"ChatPriority"[])`);
  if (source) conditions.push(Prisma.sql`s.source = ANY (${[...source]}::"ChatSource"[])`);
  if (operatorId !== undefined) conditions.push(Prisma.sql`s.operator_id = ${operatorId}::uuid`);
  if (tag !== undefined) conditions.push(Prisma.sql`s.tags @> ARRAY[${tag}]::text[]`);
  if (search?.trim()) conditions.push(matches(search.trim()));
  return Prisma.sql`
    SELECT ${CHAT_COLUMNS}, ${CUSTOMER} FROM support_chats s ${PEOPLE}
    WHERE ${Prisma.join(conditions, ' AND ')}
    ORDER BY s.is_pinned DESC, s.updated_at DESC, s.id DESC LIMIT ${limit} OFFSET ${(page - 1) * limit}`;
}

function matches(search: string): Prisma.Sql {
  const pattern = `%${search.replace(/^@/, '').replace(/[\\%_]/g, '\\$&')}%`;
  const names = ['c.first_name', 'c.last_name', 'c.username', 'u.name', 'u.first_name', 'u.last_name', 'u.username'];
  const columns = names.map((name) => Prisma.sql`${Prisma.raw(name)} ILIKE ${pattern}`);
  return Prisma.sql`(${Prisma.join(columns, ' OR ')}
    OR concat_ws(' ', c.first_name, c.last_name) ILIKE ${pattern} OR concat_ws(' ', u.first_name, u.last_name) ILIKE ${pattern}
    OR (SELECT true FROM messages m
        WHERE m.conversation_id = s.id AND m.superseded_by_id IS NULL AND m.deleted_at IS NULL AND m.content ILIKE ${pattern}
        LIMIT 1))`;
}

function toListed(row: ListedRow): ListedChat {
  const {
    customer_id_,
    customer_telegram_id,
    customer_username,
    customer_first_name,
    customer_last_name,
    customer_name,
    customer_language_code,
    customer_is_blocked,
    customer_created_at,
    ...chat
  } = row;
  const customer = {
    id: customer_id_,
    telegramId: customer_telegram_id,
    username: customer_username,
    firstName: customer_first_name,
    lastName: customer_last_name,
    name: customer_name,
    languageCode: customer_language_code,
    isBlocked: customer_is_blocked,
    createdAt: customer_created_at,
  };
  return { chat, customer };
}
