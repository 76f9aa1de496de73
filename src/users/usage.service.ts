import { Injectable } from '@nestjs/common';
import type { Actor } from '../common/actor.js';
import { UsageRepository, type ModelUsage } from './usage.repository.js';

/** Tokens of some runs. */
export type UsageTotals = Omit<ModelUsage, 'provider' | 'model'>;

export interface Usage {
  /** Since midnight UTC. */
  today: UsageTotals;
  total: UsageTotals;
  byModel: ModelUsage[];
}

/** What people have used, out of the ledger that the assistant writes. */
@Injectable()
export class UsageService {
  constructor(private readonly ledger: UsageRepository) {}

  async of(actor: Actor): Promise<Usage> {
    const rows = await this.ledger.sumByModel(actor.userId);
    const models = Map.groupBy(rows, ({ provider, model }) => JSON.stringify([provider, model]));
    return {
      today: sum(rows.filter(({ today }) => today)),
      total: sum(rows),
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
