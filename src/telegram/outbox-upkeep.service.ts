import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { isDatabaseUnavailable } from '../common/errors/describe-error.js';
import { JobQueue } from '../jobs/job-queue.js';
import { InboxRepository } from './inbox.repository.js';
import { OutboxRepository } from './outbox.repository.js';
import { OutboxSender } from './outbox-sender.service.js';
import { OUTBOX_QUEUE } from './outbox.service.js';
import { TelegramApi } from './telegram-api.js';

/** Conversations that are sent to at once, on this node. */
const CONCURRENCY = 32;
const SWEEP_MS = 15_000;
/** What has waited this long without a reason has lost its job. */
const STALLED_MS = 10_000;
const SWEEP_BATCH = 500;
const FORGET_AFTER_DAYS = 7;
const FORGET_EVERY_MS = 3_600_000;

/** Keeps the outbox moving: begins its jobs, and gives one to whatever waits without any. */
@Injectable()
export class OutboxUpkeep implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger('TelegramOutbox');
  private readonly timers: NodeJS.Timeout[] = [];

  constructor(
    private readonly api: TelegramApi,
    private readonly jobs: JobQueue,
    private readonly sender: OutboxSender,
    private readonly outbox: OutboxRepository,
    private readonly inbox: InboxRepository,
  ) {}

  onApplicationBootstrap(): void {
    if (!this.api.isConfigured) return;
    this.jobs.work(OUTBOX_QUEUE, { concurrency: CONCURRENCY }, (lane, signal) => this.sender.drain(lane, signal));
    this.timers.push(
      setInterval(() => void this.attempt(() => this.sweep(STALLED_MS)), SWEEP_MS).unref(),
      setInterval(() => void this.attempt(() => this.inbox.forget(FORGET_AFTER_DAYS)), FORGET_EVERY_MS).unref(),
    );
    // Written while there was no token, or before a start that failed.
    void this.attempt(() => this.sweep(STALLED_MS));
  }

  onModuleDestroy(): void {
    for (const timer of this.timers) clearInterval(timer);
  }

  private async sweep(idleMs: number): Promise<void> {
    for (const conversationId of await this.outbox.stalled(idleMs, SWEEP_BATCH))
      await this.jobs.add(OUTBOX_QUEUE, conversationId);
  }

  private async attempt(work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!isDatabaseUnavailable(error)) this.logger.error({ msg: 'Upkeep of the outbox failed', err: error });
    }
  }
}
