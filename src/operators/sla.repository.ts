import { Injectable } from '@nestjs/common';
import type { DomainEvents } from '../events/domain-events.js';
import { PrismaService } from '../prisma/prisma.service.js';

const BATCH = 100;

@Injectable()
export class SlaRepository {
  constructor(private readonly prisma: PrismaService) {}

  /** Marks the chats whose customers have waited longer than `seconds` for a first answer; each call for a human once. */
  markLate(seconds: number): Promise<DomainEvents['support-chat.sla-breached'][]> {
    // Chats that are being moved right now are looked at the next time.
    return this.prisma.db.$queryRaw<DomainEvents['support-chat.sla-breached'][]>`
      UPDATE support_chats s SET sla_breached_at = now()
      FROM (
        SELECT id FROM support_chats
        WHERE first_response_at IS NULL AND sla_breached_at IS NULL AND status IN ('waiting', 'in_progress')
          AND escalated_at < now() - ${seconds} * interval '1 second'
        ORDER BY escalated_at LIMIT ${BATCH} FOR UPDATE SKIP LOCKED
      ) late
      WHERE s.id = late.id
      RETURNING s.id AS "chatId", s.status::text AS status, s.operator_id AS "operatorId",
                extract(epoch FROM now() - s.escalated_at)::float8 AS "waitedSeconds"`;
  }
}
