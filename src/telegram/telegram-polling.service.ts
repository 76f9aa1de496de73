import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { AppError } from '../common/errors/app-error.js';
import { AppConfig } from '../config/app-config.js';
import { DatabaseAddress } from '../prisma/database-address.js';
import { SessionLock } from '../prisma/session-lock.js';
import { InboxService } from './inbox.service.js';
import { asRecord, safeInteger } from './json-fields.js';
import { growingPause, pause } from './pauses.js';
import { classifyFailure } from './telegram-failure.js';
import { TelegramApi } from './telegram-api.js';
import { chatIdOf } from './incoming-update.js';
import { readUpdate } from './update-reader.js';

/** Telegram answers 409 to a second poller: of all nodes only the one with this lock asks. */
const POLLING_LOCK = 7_402_011_862;
const LOCK_RETRY_MS = 2_000;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;

/** Fetches updates by long polling, for machines that Telegram cannot reach. */
@Injectable()
export class TelegramPolling implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger('TelegramPolling');
  private readonly stopping = new AbortController();
  private loop: Promise<void> = Promise.resolve();
  /** Updates before this one are stored: Telegram may forget them. */
  private offset = 0;

  constructor(
    private readonly config: AppConfig,
    private readonly address: DatabaseAddress,
    private readonly api: TelegramApi,
    private readonly inbox: InboxService,
  ) {}

  onApplicationBootstrap(): void {
    const { TELEGRAM_POLLING, TELEGRAM_WEBHOOK_URL } = this.config.env;
    if (this.api.isConfigured && TELEGRAM_POLLING && TELEGRAM_WEBHOOK_URL === undefined) this.loop = this.run();
  }

  async onModuleDestroy(): Promise<void> {
    await this.stop();
  }

  /** Asks for nothing more; what was fetched is stored first. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.loop;
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    for (let failures = 0; !signal.aborted;) {
      const lock = await SessionLock.tryTake(this.address.url, POLLING_LOCK).catch(() => null);
      if (!lock) {
        await pause(LOCK_RETRY_MS, signal);
        continue;
      }
      try {
        await this.api.deleteWebhook();
        const until = AbortSignal.any([signal, lock.lost]);
        while (!until.aborted) {
          await this.fetchOnce(until);
          failures = 0;
        }
      } catch (error) {
        if (!signal.aborted) this.report(error);
      } finally {
        await lock.release();
      }
      await pause(growingPause(failures++, FIRST_PAUSE_MS, LONGEST_PAUSE_MS), signal);
    }
  }

  private async fetchOnce(signal: AbortSignal): Promise<void> {
    const updates = await this.api.getUpdates(this.offset, signal);
    const chats = new Map<number | string, unknown[]>();
    for (const update of updates) {
      const read = readUpdate(update);
      const chat = (read && chatIdOf(read)) ?? 'none';
      chats.set(chat, [...(chats.get(chat) ?? []), update]);
    }
    // In order within a chat, chats side by side. The offset moves when all of them are stored.
    await Promise.all([...chats.values()].map((ofChat) => this.takeInOrder(ofChat)));
    for (const update of updates) {
      const id = safeInteger(asRecord(update)?.['update_id']);
      if (id !== null) this.offset = Math.max(this.offset, id + 1);
    }
  }

  private async takeInOrder(updates: readonly unknown[]): Promise<void> {
    for (const update of updates) {
      try {
        await this.inbox.accept(update);
      } catch (error) {
        // Nothing that can be read: there is nothing to store.
        if (!(error instanceof AppError && error.code === 'VALIDATION_FAILED')) throw error;
      }
    }
  }

  private report(error: unknown): void {
    this.logger.warn({ msg: 'Updates of Telegram cannot be fetched', reason: classifyFailure(error).reason });
  }
}
