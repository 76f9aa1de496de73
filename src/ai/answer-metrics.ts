import { Injectable } from '@nestjs/common';
import { MetricsService, type AnswerEnd } from '../metrics/metrics.service.js';
import type { AnswerRun } from './answer-run.js';

/** Tells operations how answers fare. */
@Injectable()
export class AnswerMetrics {
  constructor(private readonly metrics: MetricsService) {}

  started(): void {
    this.metrics.answerStarted();
  }

  /** Its end could not be stored here: another node's sweeper tells it. */
  lost(): void {
    this.metrics.answerLost();
  }

  ended(run: AnswerRun, state: AnswerEnd, errorCode: string | null): void {
    const { provider } = run.plan;
    if (errorCode !== null) this.metrics.providerFailed(provider, errorCode);
    if (run.firstDeltaAt !== null) this.metrics.answerFirstDelta(provider, (run.firstDeltaAt - run.startedAt) / 1000);
    this.metrics.answerEnded(provider, state, (performance.now() - run.startedAt) / 1000);
  }
}
