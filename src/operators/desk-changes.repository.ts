import { Injectable } from '@nestjs/common';
import type { MessageRecord, SupportChatStatus } from '../events/domain-events.js';
import { MESSAGE_COLUMNS } from '../messages/message-rows.js';
import { Prisma } from '../prisma/generated/client.js';
import { PrismaService } from '../prisma/prisma.service.js';
import type { DeskChange, DeskChanges } from './desk-changes.js';

interface ChangeRow {
  chatId: string;
  changedIn: number;
  baseSeq: number | null;
  isChanged: boolean;
  formerStatus: SupportChatStatus | null;
  formerOperatorId: string | null;
  status: SupportChatStatus | null;
  operatorId: string | null;
  readSeq: number;
}

type Row = { horizon: number; changes: ChangeRow[] | null } & ({ id: null } | MessageRecord);

/** The oldest transaction that is still under way: everything of smaller ones can be seen, or was rolled back. */
const HORIZON = Prisma.sql`pg_snapshot_xmin(pg_current_snapshot())::text::float8`;

/** No transaction is larger. */
const LARGEST = Prisma.raw('9223372036854775807');

/** Reads what changed at the desk. */
@Injectable()
export class DeskChangesRepository {
  constructor(private readonly prisma: PrismaService) {}

  /** Everything from transaction `since` on, all of one snapshot; with `limit` up to the transaction of that change. */
  async read(since: number, limit: number | null): Promise<DeskChanges> {
    const end =
      limit === null
        ? Prisma.sql`SELECT ${LARGEST}::bigint AS changed_in`
        : Prisma.sql`SELECT coalesce((SELECT changed_in FROM desk_changes WHERE changed_in >= ${since}
            ORDER BY changed_in, chat_id OFFSET ${limit - 1} LIMIT 1), ${LARGEST}) AS changed_in`;
    const rows = await this.prisma.db.$queryRaw<Row[]>`
      WITH page_end AS (${end}), picked AS (
        SELECT d.* FROM desk_changes d, page_end WHERE d.changed_in >= ${since} AND d.changed_in <= page_end.changed_in
      ), wanted AS (
        SELECT chat_id, min(base_seq) AS base, (
          SELECT min(later.base_seq) FROM desk_changes later, page_end
          WHERE later.chat_id = picked.chat_id AND later.changed_in > page_end.changed_in) AS top
        FROM picked WHERE base_seq IS NOT NULL GROUP BY chat_id
      ), told AS (
        SELECT ${MESSAGE_COLUMNS} FROM wanted w JOIN conversations c ON c.id = w.chat_id
        JOIN messages m ON m.conversation_id = c.id AND m.change_seq > w.base AND m.change_seq <= coalesce(w.top, c.head)
          AND m.status <> 'streaming'
      ), head AS (
        SELECT ${HORIZON} AS horizon, (
          SELECT json_agg(json_build_object('chatId', p.chat_id, 'changedIn', p.changed_in, 'baseSeq', p.base_seq, 'isChanged', p.is_changed,
            'formerStatus', p.former_status, 'formerOperatorId', p.former_operator_id,
            'status', s.status, 'operatorId', s.operator_id, 'readSeq', s.read_seq) ORDER BY p.changed_in, p.chat_id)
          FROM picked p LEFT JOIN support_chats s ON s.id = p.chat_id) AS changes
      )
      SELECT head.horizon, CASE WHEN row_number() OVER (ORDER BY told."conversationId", told."changeSeq") = 1 THEN head.changes END AS changes, told.*
      FROM head LEFT JOIN told ON true ORDER BY told."conversationId", told."changeSeq"`;
    const [first] = rows;
    const horizon = first?.horizon ?? 0;
    const changes = (first?.changes ?? []).map(toChange);
    const messages = rows.filter(isMessage).map(({ horizon: _, changes: __, ...message }) => message);
    return { horizon, changes, messages, more: limit !== null && changes.length >= limit };
  }

  /** Where the log stands: which database this is, how far back it reaches, and which transaction is the next one. */
  async state(): Promise<{ epoch: string; keptFrom: number; horizon: number; next: number }> {
    const [row] = await this.prisma.db.$queryRaw<{ epoch: string; keptFrom: number; horizon: number; next: number }[]>`
      SELECT left(md5(system.system_identifier || '/' || checkpoint.timeline_id || '/' || base.oid), 8) AS epoch,
             coalesce((SELECT kept_from FROM desk_log), 0)::float8 AS "keptFrom", ${HORIZON} AS horizon,
             pg_snapshot_xmax(pg_current_snapshot())::text::float8 AS next
      FROM pg_control_system() system, pg_control_checkpoint() checkpoint, pg_database base WHERE base.datname = current_database()`;
    if (!row) throw new Error('the state of the desk log cannot be read');
    return row;
  }

  /** The first transaction that changed something at `since` or later; null when none did. */
  async firstAfter(since: Date): Promise<number | null> {
    const [row] = await this.prisma.db.$queryRaw<{ first: number | null }[]>`
      SELECT min(changed_in)::float8 AS first FROM desk_changes WHERE changed_at >= ${since}`;
    return row?.first ?? null;
  }

  /** Throws away what happened longer than `days` ago. */
  async prune(days: number): Promise<void> {
    await this.prisma.db.$executeRaw`
      WITH gone AS (
        DELETE FROM desk_changes WHERE changed_at < now() - make_interval(days => ${days}) RETURNING changed_in
      )
      UPDATE desk_log SET kept_from = greatest(kept_from, (SELECT max(changed_in) + 1 FROM gone)) WHERE EXISTS (SELECT 1 FROM gone)`;
  }
}

const isMessage = (row: Row): row is Row & MessageRecord => row.id !== null;

function toChange({ formerStatus, formerOperatorId, status, operatorId, readSeq, ...change }: ChangeRow): DeskChange {
  return {
    ...change,
    former: formerStatus && { status: formerStatus, operatorId: formerOperatorId },
    now: status && { status, operatorId, readSeq },
  };
}
