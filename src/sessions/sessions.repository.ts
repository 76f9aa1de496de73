import { Injectable } from '@nestjs/common';
import { AppError } from '../common/errors/app-error.js';
import { newId } from '../common/ids.js';
import { decodeTimeCursor, toPage, type Page } from '../common/pagination/page.js';
import type { MessageRole } from '../events/domain-events.js';
import { Prisma } from '../prisma/generated/client.js';
import { PrismaService } from '../prisma/prisma.service.js';
import { hasSqlState } from '../prisma/sql-state.js';
import type { EffectiveModel } from './model-defaults.js';
import type { AnswerSettings, LastMessage, SessionFilter, SessionRecord } from './session.js';

interface SessionRow {
  id: string;
  owner_id: string;
  title: string | null;
  model: string | null;
  provider: string | null;
  system_prompt: string | null;
  group_id: string | null;
  is_favorite: boolean;
  archived_at: Date | null;
  created_at: Date;
  updated_at: Date;
}

interface ListedRow extends SessionRow {
  last_id: string | null;
  last_role: MessageRole;
  last_content: string;
  last_created_at: Date;
  last_seq: number;
}

export interface ListedSession {
  session: SessionRecord;
  lastMessage: LastMessage | null;
}

/** The columns of a session that may be written; what is absent stays. */
export interface SessionUpdate {
  title?: string;
  isFavorite?: boolean;
  groupId?: string | null;
  /** null: the server's default. */
  model?: EffectiveModel | null;
  archived?: boolean;
}

const FOREIGN_KEY_VIOLATION = '23503';
const READ_AT_ONCE = 200;

@Injectable()
export class SessionsRepository {
  constructor(private readonly prisma: PrismaService) {}

  async create(session: Omit<SessionRecord, 'id' | 'isFavorite' | 'archivedAt' | 'createdAt' | 'updatedAt'>) {
    const id = newId();
    const { ownerId, title, model, provider, systemPrompt, groupId } = session;
    const rows = await groupMustExist(
      this.prisma.db.$queryRaw<SessionRow[]>`
        WITH conversation AS (INSERT INTO conversations (id, kind) VALUES (${id}::uuid, 'session'))
        INSERT INTO sessions (id, owner_id, title, model, provider, system_prompt, group_id)
        VALUES (${id}::uuid, ${ownerId}::uuid, ${title}, ${model}, ${provider}, ${systemPrompt}, ${groupId}::uuid)
        RETURNING *`,
    );
    return toRecord(rows[0] as SessionRow);
  }

  async find(id: string): Promise<SessionRecord | null> {
    const [row] = await this.prisma.db.$queryRaw<SessionRow[]>`SELECT * FROM sessions WHERE id = ${id}::uuid`;
    return row ? toRecord(row) : null;
  }

  /** What the assistant goes by. */
  async findAnswerSettings(id: string): Promise<AnswerSettings | null> {
    const [row] = await this.prisma.db.$queryRaw<AnswerSettings[]>`
      /* prepared: answer-settings */
      SELECT owner_id AS "ownerId", title, provider, model, system_prompt AS "systemPrompt"
      FROM sessions WHERE id = ${id}::uuid`;
    return row ?? null;
  }

  /** One session as lists show it. */
  async findListed(ownerId: string, id: string): Promise<ListedSession | null> {
    const [row] = await this.prisma.db.$queryRaw<ListedRow[]>(
      withLastMessage(Prisma.sql`SELECT * FROM sessions WHERE id = ${id}::uuid AND owner_id = ${ownerId}::uuid`),
    );
    return row ? toListed(row) : null;
  }

  /** The person's sessions, the latest active first. @throws AppError INVALID_CURSOR */
  async list(
    ownerId: string,
    filter: SessionFilter,
    { limit, cursor }: { limit: number; cursor?: string },
  ): Promise<Page<ListedSession>> {
    const rows = await this.prisma.db.$queryRaw<ListedRow[]>(listQuery(ownerId, filter, limit + 1, cursor));
    return toPage(rows, limit, (row) => [row.updated_at.toISOString(), row.id]).map(toListed);
  }

  /** All of the person's sessions, the oldest first, read a page at a time. */
  async *allOf(ownerId: string): AsyncGenerator<SessionRecord> {
    let after = '00000000-0000-0000-0000-000000000000';
    for (;;) {
      const rows = await this.prisma.db.$queryRaw<SessionRow[]>`
        SELECT * FROM sessions WHERE owner_id = ${ownerId}::uuid AND id > ${after}::uuid ORDER BY id LIMIT ${READ_AT_ONCE}`;
      yield* rows.map(toRecord);
      const last = rows.at(-1);
      if (!last || rows.length < READ_AT_ONCE) return;
      after = last.id;
    }
  }

  /** Whether there was one to update. @throws AppError GROUP_NOT_FOUND when the group has gone meanwhile */
  async update(ownerId: string, id: string, changes: SessionUpdate): Promise<boolean> {
    const { title, isFavorite, groupId, model, archived } = changes;
    const columns = [Prisma.sql`updated_at = now()`];
    if (title !== undefined) columns.push(Prisma.sql`title = ${title}`);
    if (isFavorite !== undefined) columns.push(Prisma.sql`is_favorite = ${isFavorite}`);
    if (groupId !== undefined) columns.push(Prisma.sql`group_id = ${groupId}::uuid`);
    if (model !== undefined)
      columns.push(Prisma.sql`model = ${model?.model ?? null}, provider = ${model?.provider ?? null}`);
    if (archived !== undefined)
      columns.push(Prisma.sql`archived_at = CASE WHEN ${archived} THEN coalesce(archived_at, now()) END`);
    const count = await groupMustExist(
      this.prisma.db.$executeRaw`
        UPDATE sessions SET ${Prisma.join(columns)} WHERE id = ${id}::uuid AND owner_id = ${ownerId}::uuid`,
    );
    return count > 0;
  }

  /** Sets the first title; tells whose session it is, or null when it has a title or is gone. */
  async setTitleIfNone(id: string, title: string): Promise<string | null> {
    const [row] = await this.prisma.db.$queryRaw<{ owner_id: string }[]>`
      UPDATE sessions SET title = ${title} WHERE id = ${id}::uuid AND title IS NULL RETURNING owner_id`;
    return row?.owner_id ?? null;
  }

  /** Deletes the session with its whole conversation; whether there was one. */
  async remove(ownerId: string, id: string): Promise<boolean> {
    const count = await this.prisma.db.$executeRaw`
      DELETE FROM conversations USING sessions
      WHERE conversations.id = ${id}::uuid AND sessions.id = conversations.id AND sessions.owner_id = ${ownerId}::uuid`;
    return count > 0;
  }

  /** Deletes all of a person's sessions with their conversations; tells which. */
  async removeAllOf(ownerId: string): Promise<string[]> {
    const rows = await this.prisma.db.$queryRaw<{ id: string }[]>`
      DELETE FROM conversations USING sessions
      WHERE sessions.id = conversations.id AND sessions.owner_id = ${ownerId}::uuid RETURNING conversations.id`;
    return rows.map(({ id }) => id);
  }
}

/** The statement of `list`; exported so that a test can ask for its plan. */
export function listQuery(ownerId: string, filter: SessionFilter, take: number, cursor?: string): Prisma.Sql {
  const conditions = [Prisma.sql`owner_id = ${ownerId}::uuid`];
  if (filter.archived !== undefined)
    conditions.push(filter.archived ? Prisma.sql`archived_at IS NOT NULL` : Prisma.sql`archived_at IS NULL`);
  if (filter.groupId !== undefined) conditions.push(Prisma.sql`group_id = ${filter.groupId}::uuid`);
  if (filter.favorite !== undefined) conditions.push(Prisma.sql`is_favorite = ${filter.favorite}`);
  if (filter.search?.trim()) conditions.push(matches(filter.search));
  if (cursor !== undefined) conditions.push(after(cursor));
  return withLastMessage(Prisma.sql`
    SELECT * FROM sessions WHERE ${Prisma.join(conditions, ' AND ')}
    ORDER BY updated_at DESC, id DESC LIMIT ${take}`);
}

/** The page is cut before the newest messages are looked up, so that only as many are read as are shown. */
function withLastMessage(sessions: Prisma.Sql): Prisma.Sql {
  return Prisma.sql`
    SELECT s.*, m.id AS last_id, m.role AS last_role, m.content AS last_content, m.created_at AS last_created_at,
           m.seq AS last_seq
    FROM (${sessions}) s
    LEFT JOIN LATERAL (
      SELECT id, role::text, left(content, 200) AS content, created_at, seq FROM messages
      WHERE conversation_id = s.id AND deleted_at IS NULL AND superseded_by_id IS NULL
      ORDER BY seq DESC LIMIT 1
    ) m ON true
    ORDER BY s.updated_at DESC, s.id DESC`;
}

function matches(search: string): Prisma.Sql {
  const pattern = `%${search.replace(/[\\%_]/g, '\\$&')}%`;
  // With LIMIT, because the planner may turn EXISTS into one reading of everybody's messages.
  return Prisma.sql`(title ILIKE ${pattern} OR (
    SELECT true FROM messages
    WHERE conversation_id = sessions.id AND superseded_by_id IS NULL AND content ILIKE ${pattern} LIMIT 1))`;
}

function after(cursor: string): Prisma.Sql {
  const { at, id } = decodeTimeCursor(cursor);
  return Prisma.sql`(updated_at, id) < (${at}::timestamptz, ${id}::uuid)`;
}

async function groupMustExist<T>(query: Promise<T>): Promise<T> {
  try {
    return await query;
  } catch (error) {
    if (hasSqlState(error, FOREIGN_KEY_VIOLATION)) throw new AppError('GROUP_NOT_FOUND', { cause: error });
    throw error;
  }
}

const toRecord = (row: SessionRow): SessionRecord => ({
  id: row.id,
  ownerId: row.owner_id,
  title: row.title,
  model: row.model,
  provider: row.provider,
  systemPrompt: row.system_prompt,
  groupId: row.group_id,
  isFavorite: row.is_favorite,
  archivedAt: row.archived_at,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
});

const toListed = (row: ListedRow): ListedSession => ({
  session: toRecord(row),
  lastMessage:
    row.last_id === null
      ? null
      : {
          id: row.last_id,
          role: row.last_role,
          content: row.last_content,
          createdAt: row.last_created_at,
          seq: row.last_seq,
        },
});
