import { Injectable, type OnModuleInit } from '@nestjs/common';
import { MetricsService } from '../metrics/metrics.service.js';
import { HealthService, type CheckDetail } from '../health/health.service.js';
import { AnswerBudget } from './answer-budget.service.js';
import { ModelService } from './providers/model.service.js';

/** What `/health` says about the assistant. Without it people can still write, so it only ever degrades. */
@Injectable()
export class AssistantCheck implements OnModuleInit {
  constructor(
    private readonly health: HealthService,
    private readonly models: ModelService,
    private readonly budget: AnswerBudget,
    private readonly metrics: MetricsService,
  ) {}

  onModuleInit(): void {
    this.health.register('assistant', { critical: false, check: () => Promise.resolve(this.look()) });
    this.metrics.watchBreakers(() =>
      this.models.health().map(({ provider, breaker }) => ({ provider, isOpen: breaker === 'open' })),
    );
  }

  private look(): CheckDetail {
    const providers = this.models.health();
    const { provider, model } = this.models.resolve();
    const isDefaultDown = providers.some((it) => it.isDefault && it.breaker === 'open');
    return {
      status: isDefaultDown ? 'degraded' : 'ok',
      provider,
      model,
      ...(provider === 'echo' ? { note: 'no model is configured; answers repeat what was said' } : {}),
      ...this.budget.slots.counts,
      breakers: Object.fromEntries(providers.map(({ provider: name, breaker }) => [name, breaker])),
    };
  }
}
