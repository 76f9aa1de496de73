import { Injectable } from '@nestjs/common';
import type { Actor } from '../common/actor.js';
import { AppConfig } from '../config/app-config.js';
import { UsageRepository, type ModelUsage } from './usage.repository.js';

/** Tokens of some runs. */
export type UsageTotals = Omit<ModelUsage, 'provider' | 'model'>;

export interface Usage {
  /** Since midnight UTC. */
  today: UsageTotals;
  total: UsageTotals;
  byModel: ModelUsage[];
  /** Tokens that may be used in a UTC day; null: as many as one likes. */
  dailyQuota: number | null;
}

/** What people have used, out of the ledger that the assistant writes. */
@Injectable()
export class UsageService {
  constructor(
    private readonly ledger: UsageRepository,
    private readonly config: AppConfig,
  ) {}

  async of(actor: Actor): Promise<Usage> {
    const rows = await this.ledger.sumByModel(actor.userId);
    const models = Map.groupBy(rows, ({ provider, model }) => JSON.stringify([provider, model]));
    return {
      today: sum(rows.filter(({ today }) => today)),
      total: sum(rows),
      dailyQuota: this.config.env.AI_DAILY_TOKEN_QUOTA || null,
      byModel: [...models.values()].flatMap((same) =>
        same.slice(0, 1).map(({ provider, model }) => ({ provider, model, ...sum(same) })),
      ),
    };
  }
}

function sum(rows: readonly UsageTotals[]): UsageTotals {
  const add = (key: keyof UsageTotals) => rows.reduce((total, row) => total + row[key], 0);
  return {
    runs: add('runs'),
    promptTokens: add('promptTokens'),
    completionTokens: add('completionTokens'),
    estimatedRuns: add('estimatedRuns'),
  };
}
