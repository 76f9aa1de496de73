import { readdirSync } from 'node:fs';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { HealthRepository } from './health.repository.js';
import { HealthService, type CheckDetail, type HealthCheck } from './health.service.js';

const MIGRATIONS = new URL('../../prisma/migrations', import.meta.url);

/** The database answers and its schema is the one that this build was made for. */
@Injectable()
export class DatabaseCheck implements HealthCheck, OnModuleInit {
  readonly critical = true;
  private readonly expected = readdirSync(MIGRATIONS, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);

  constructor(
    private readonly repository: HealthRepository,
    private readonly health: HealthService,
  ) {}

  onModuleInit(): void {
    this.health.register('database', this);
  }

  async check(): Promise<CheckDetail> {
    const started = performance.now();
    const applied = new Set(await this.repository.appliedMigrations());
    const pending = this.expected.filter((name) => !applied.has(name)).length;
    return {
      status: pending === 0 ? 'ok' : 'error',
      latencyMs: Math.round(performance.now() - started),
      pendingMigrations: pending,
    };
  }
}
