import { Injectable } from '@nestjs/common';
import { PrismaService } from '../prisma/prisma.service.js';

@Injectable()
export class LastSeenRepository {
  constructor(private readonly prisma: PrismaService) {}

  /** Moves the marks of many people forward in one statement; `agoMs` by the database's clock. Of erased people nothing is kept. */
  async record(userIds: readonly string[], agoMs: readonly number[]): Promise<void> {
    await this.prisma.db.$executeRaw`
      /* prepared: last-seen */
      UPDATE users u SET last_seen_at = greatest(u.last_seen_at, clock_timestamp() - seen.ago * interval '1 ms')
      FROM (
        SELECT locked.id, given.ago FROM unnest(${userIds}::uuid[], ${agoMs}::float8[]) AS given (id, ago)
        JOIN users locked ON locked.id = given.id ORDER BY locked.id FOR NO KEY UPDATE OF locked
      ) seen
      WHERE u.id = seen.id AND u.erased_at IS NULL`;
  }

  async find(userIds: readonly string[]): Promise<Map<string, Date>> {
    const rows = await this.prisma.db.user.findMany({
      where: { id: { in: [...userIds] }, lastSeenAt: { not: null } },
      select: { id: true, lastSeenAt: true },
    });
    return new Map(rows.flatMap(({ id, lastSeenAt }) => (lastSeenAt ? [[id, lastSeenAt]] : [])));
  }
}
