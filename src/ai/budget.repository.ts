import { Injectable } from '@nestjs/common';
import { PrismaService } from '../prisma/prisma.service.js';

@Injectable()
export class BudgetRepository {
  constructor(private readonly prisma: PrismaService) {}

  /** Until the transaction ends nobody else decides about this person's budget. */
  async lockPerson(userId: string): Promise<void> {
    await this.prisma.db.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`budget ${userId}`}, 0))`;
  }

  /** Tokens used since midnight UTC (database clock), and runs under way. */
  async today(userId: string): Promise<{ used: number; running: number }> {
    const [row] = await this.prisma.db.$queryRaw<{ used: number; running: number }[]>`
      SELECT
        (SELECT coalesce(sum(prompt_tokens + completion_tokens), 0)::float8 FROM usage_entries
          WHERE user_id = ${userId}::uuid AND created_at >= date_trunc('day', now(), 'UTC')) AS used,
        (SELECT count(*)::int FROM generations WHERE state = 'running' AND requested_by_id = ${userId}::uuid) AS running`;
    return row ?? { used: 0, running: 0 };
  }
}
