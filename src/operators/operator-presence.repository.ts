import { Injectable } from '@nestjs/common';
import type { OperatorStatus } from '../events/domain-events.js';
import { PrismaService } from '../prisma/prisma.service.js';

/** Whether a desk of an operator is connected, over all nodes. */
@Injectable()
export class OperatorPresenceRepository {
  constructor(private readonly prisma: PrismaService) {}

  /** Notes that desks of these operators are connected now. Returns whom that brought back. */
  async seen(userIds: readonly string[]): Promise<string[]> {
    const rows = await this.prisma.db.$queryRaw<{ id: string; wasAbsent: boolean }[]>`
      UPDATE operator_profiles p
      SET seen_at = clock_timestamp(), is_absent = false,
          status = CASE WHEN former.is_absent THEN 'online' ELSE p.status END
      FROM (SELECT user_id, is_absent FROM operator_profiles WHERE user_id = ANY (${[...userIds]}::uuid[]) ORDER BY user_id FOR UPDATE) former
      WHERE p.user_id = former.user_id RETURNING p.user_id AS id, former.is_absent AS "wasAbsent"`;
    return rows.filter(({ wasAbsent }) => wasAbsent).map(({ id }) => id);
  }

  /** Makes `away` who is online, once worked at a connected desk and did nothing for `graceMs`. Returns whom. */
  async markAbsent(graceMs: number): Promise<string[]> {
    const rows = await this.prisma.db.$queryRaw<{ id: string }[]>`
      UPDATE operator_profiles SET status = 'away', is_absent = true
      WHERE status = 'online' AND greatest(seen_at, last_activity_at) < clock_timestamp() - make_interval(secs => ${graceMs / 1000})
        AND seen_at IS NOT NULL
      RETURNING user_id AS id`;
    return rows.map(({ id }) => id);
  }

  async statuses(): Promise<{ operatorId: string; status: OperatorStatus }[]> {
    return this.prisma.db.$queryRaw<{ operatorId: string; status: OperatorStatus }[]>`
      SELECT u.id AS "operatorId", coalesce(p.status::text, 'offline') AS status
      FROM users u LEFT JOIN operator_profiles p ON p.user_id = u.id
      WHERE u.role <> 'user' AND u.erased_at IS NULL ORDER BY u.id LIMIT 1000`;
  }
}
