/** Tokens of some runs of the assistant. */
export class UsageTotalsResponse {
  runs: number;
  promptTokens: number;
  completionTokens: number;
  /** Runs whose tokens were counted by this server, because the provider did not tell. */
  estimatedRuns: number;
}

export class ModelUsageResponse extends UsageTotalsResponse {
  provider: string;
  model: string;
}

/** What somebody has used. */
export class UsageResponse {
  /** Since midnight UTC. */
  today: UsageTotalsResponse;
  total: UsageTotalsResponse;
  byModel: ModelUsageResponse[];
  /** Tokens a day; null when there is no quota. */
  dailyQuota: number | null;
}
