import { Injectable, type OnModuleInit } from '@nestjs/common';
import { HealthService, type CheckDetail } from '../health/health.service.js';
import { InboxRepository } from './inbox.repository.js';
import { OutboxRepository } from './outbox.repository.js';
import { TelegramApi } from './telegram-api.js';

/** Older than this, a message that could leave shows that Telegram cannot be reached. */
const LATE_MS = 60_000;

/** What `/health` says about Telegram; the server serves everybody else without it. */
@Injectable()
export class TelegramCheck implements OnModuleInit {
  constructor(
    private readonly health: HealthService,
    private readonly api: TelegramApi,
    private readonly inbox: InboxRepository,
    private readonly outbox: OutboxRepository,
  ) {}

  onModuleInit(): void {
    if (this.api.isConfigured) this.health.register('telegram', { critical: false, check: () => this.look() });
  }

  private async look(): Promise<CheckDetail> {
    const { waiting, oldestMs } = await this.outbox.backlog();
    const putAside = await this.inbox.countDead();
    return { status: oldestMs > LATE_MS ? 'degraded' : 'ok', waiting, putAside };
  }
}
