import { Injectable } from '@nestjs/common';
import type { SupportChatStatus } from '../events/domain-events.js';
import { PrismaService } from '../prisma/prisma.service.js';

/** Sums over the chats of one state and one operator. Times in seconds. */
export interface StatsRow {
  status: SupportChatStatus;
  operatorId: string | null;
  chats: number;
  responses: number;
  responseSeconds: number;
  resolutions: number;
  resolutionSeconds: number;
  ratings: number;
  ratingSum: number;
  breaches: number;
}

/** Sums over support chats. */
@Injectable()
export class DeskStatsRepository {
  constructor(private readonly prisma: PrismaService) {}

  /** One pass over the index `support_chats_stats_idx`. */
  sums(): Promise<StatsRow[]> {
    return this.prisma.db.$queryRaw<StatsRow[]>`
      SELECT status::text AS status, operator_id AS "operatorId", count(*)::int AS chats,
             count(first_response_at)::int AS responses,
             coalesce(extract(epoch FROM sum(first_response_at - escalated_at))::float8, 0) AS "responseSeconds",
             count(closed_at)::int AS resolutions,
             coalesce(extract(epoch FROM sum(closed_at - escalated_at))::float8, 0) AS "resolutionSeconds",
             count(rating)::int AS ratings, coalesce(sum(rating), 0)::int AS "ratingSum",
             count(sla_breached_at)::int AS breaches
      FROM support_chats GROUP BY status, operator_id`;
  }

  async activeOperators(): Promise<number> {
    const [row] = await this.prisma.db.$queryRaw<{ count: number }[]>`
      SELECT count(*)::int AS count FROM operator_profiles p JOIN users u ON u.id = p.user_id
      WHERE p.status = 'online' AND u.role <> 'user' AND u.is_active AND u.erased_at IS NULL`;
    return row?.count ?? 0;
  }

  /** How many chats are in the states that somebody has to care for. */
  async open(): Promise<{ waiting: number; inProgress: number; oldestWaitSeconds: number }> {
    const [row] = await this.prisma.db.$queryRaw<{ waiting: number; inProgress: number; oldestWaitSeconds: number }[]>`
      SELECT count(*) FILTER (WHERE status = 'waiting')::int AS waiting,
             count(*) FILTER (WHERE status = 'in_progress')::int AS "inProgress",
             coalesce(extract(epoch FROM now() - min(waiting_since))::float8, 0) AS "oldestWaitSeconds"
      FROM support_chats WHERE status IN ('waiting', 'in_progress')`;
    return row ?? { waiting: 0, inProgress: 0, oldestWaitSeconds: 0 };
  }
}
