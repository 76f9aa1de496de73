import { Injectable } from '@nestjs/common';
import { PrismaService } from '../prisma/prisma.service.js';

/** Tokens of the runs of one person with one model. */
export interface ModelUsage {
  provider: string;
  model: string;
  runs: number;
  promptTokens: number;
  completionTokens: number;
  /** Runs whose tokens were counted here, because the provider did not tell. */
  estimatedRuns: number;
}

interface UsageRow extends ModelUsage {
  today: boolean;
}

@Injectable()
export class UsageRepository {
  constructor(private readonly prisma: PrismaService) {}

  /** Sums by model, apart for today (the UTC day of the database's clock) and before. */
  sumByModel(userId: string): Promise<UsageRow[]> {
    return this.prisma.db.$queryRaw<UsageRow[]>`
      SELECT provider, model,
             created_at >= date_trunc('day', now(), 'UTC') AS today,
             count(*)::int AS runs,
             sum(prompt_tokens)::float8 AS "promptTokens",
             sum(completion_tokens)::float8 AS "completionTokens",
             count(*) FILTER (WHERE kind = 'estimated')::int AS "estimatedRuns"
        FROM usage_entries
       WHERE user_id = ${userId}::uuid
       GROUP BY provider, model, today
       ORDER BY provider, model, today`;
  }
}
