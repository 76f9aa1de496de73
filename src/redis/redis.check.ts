import { Injectable, type OnModuleInit } from '@nestjs/common';
import { HealthService, type CheckDetail } from '../health/health.service.js';
import { MetricsService } from '../metrics/metrics.service.js';
import { RedisNodeLink } from './redis-node-link.js';

/** What operations see of the way to other nodes. Without it every node goes on by PostgreSQL, so it only ever degrades. */
@Injectable()
export class RedisCheck implements OnModuleInit {
  constructor(
    private readonly health: HealthService,
    private readonly link: RedisNodeLink,
    private readonly metrics: MetricsService,
  ) {}

  onModuleInit(): void {
    this.health.register('redis', { critical: false, check: () => this.look() });
    this.metrics.watchNodes(() => this.link.figures);
  }

  private async look(): Promise<CheckDetail> {
    const started = performance.now();
    const isUp = this.link.isUp && (await this.link.answers());
    return {
      status: isUp ? 'ok' : 'degraded',
      ...(isUp ? { latencyMs: Math.round(performance.now() - started) } : { note: 'PostgreSQL is asked instead' }),
    };
  }
}
