import { Injectable } from '@nestjs/common';
import type { ChatPriority, SupportChatStatus } from '../events/domain-events.js';
import { Prisma } from '../prisma/generated/client.js';
import { PrismaService } from '../prisma/prisma.service.js';
import { CHAT_COLUMNS, heldBy } from './support-chat-rows.js';
import type { SupportChatRecord } from './support-chat.js';

/** Where a chat may come from; `heldBy` narrows it to the chats of one operator. */
export interface From {
  statuses: readonly SupportChatStatus[];
  heldBy?: string;
}

/**
 * The transitions of support chats, each one conditional statement: null when the chat is not in the wanted state any more.
 * The conversation's lock is held, so the statement sees what was committed last.
 */
@Injectable()
export class ChatTransitionsRepository {
  constructor(private readonly prisma: PrismaService) {}

  /** A human is asked for. Times of answering and closing begin anew. */
  escalate(
    id: string,
    { reason, priority }: { reason: string | null; priority?: ChatPriority },
  ): Promise<SupportChatRecord | null> {
    return this.move(
      id,
      { statuses: ['bot', 'closed'] },
      Prisma.sql`
        status = 'waiting', operator_id = NULL, waiting_since = now(), escalated_at = now(), escalation_reason = ${reason},
        priority = coalesce(${priority ?? null}::"ChatPriority", s.priority), ${BEGINS_ANEW}`,
    );
  }

  /** Gives it to an operator, whose row is locked, within what that one can hold. */
  give(id: string, from: From, operatorId: string): Promise<SupportChatRecord | null> {
    const operator = Prisma.sql`${operatorId}::uuid`;
    return this.move(
      id,
      from,
      Prisma.sql`
        status = 'in_progress', operator_id = ${operator}, taken_at = now(), waiting_since = NULL,
        escalated_at = coalesce(CASE WHEN s.status <> 'bot' THEN s.escalated_at END, now()),
        first_response_at = CASE WHEN s.status <> 'bot' THEN s.first_response_at END`,
      Prisma.sql`AND s.operator_id IS DISTINCT FROM ${operator}
        AND ${heldBy(operator)} < (SELECT max_chats FROM operator_profiles WHERE user_id = ${operator})`,
    );
  }

  /** Back into the queue, for another operator. */
  queue(id: string, from: From): Promise<SupportChatRecord | null> {
    return this.move(id, from, Prisma.sql`status = 'waiting', operator_id = NULL, waiting_since = now()`);
  }

  /** Back to the assistant. */
  giveBack(id: string, from: From): Promise<SupportChatRecord | null> {
    return this.move(id, from, Prisma.sql`status = 'bot', operator_id = NULL, waiting_since = NULL`);
  }

  close(id: string, from: From, byId: string, resolution: string | null): Promise<SupportChatRecord | null> {
    return this.move(
      id,
      from,
      Prisma.sql`
        status = 'closed', closed_at = now(), waiting_since = NULL, resolution = ${resolution},
        operator_id = coalesce(s.operator_id, ${byId}::uuid)`,
    );
  }

  reopen(id: string): Promise<SupportChatRecord | null> {
    return this.move(
      id,
      { statuses: ['closed'] },
      Prisma.sql`status = 'waiting', operator_id = NULL, waiting_since = now(), escalated_at = now(), ${BEGINS_ANEW}`,
    );
  }

  /** The chats that an operator holds. */
  async heldBy(operatorId: string): Promise<string[]> {
    const rows = await this.prisma.db.$queryRaw<{ id: string }[]>`
      SELECT id FROM support_chats WHERE operator_id = ${operatorId}::uuid AND status = 'in_progress' ORDER BY id`;
    return rows.map(({ id }) => id);
  }

  private async move(
    id: string,
    from: From,
    changes: Prisma.Sql,
    condition: Prisma.Sql = Prisma.empty,
  ): Promise<SupportChatRecord | null> {
    const holder = from.heldBy === undefined ? Prisma.empty : Prisma.sql`AND s.operator_id = ${from.heldBy}::uuid`;
    const [row] = await this.prisma.db.$queryRaw<SupportChatRecord[]>`
      UPDATE support_chats s SET ${changes}, updated_at = clock_timestamp()
      WHERE s.id = ${id}::uuid AND s.status = ANY (${[...from.statuses]}::"SupportChatStatus"[]) ${holder} ${condition}
      RETURNING ${CHAT_COLUMNS}`;
    return row ?? null;
  }
}

const BEGINS_ANEW = Prisma.sql`
  taken_at = NULL, first_response_at = NULL, closed_at = NULL, sla_breached_at = NULL, resolution = NULL, rating = NULL,
  rated_at = NULL`;
