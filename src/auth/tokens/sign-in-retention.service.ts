import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { SignInsRepository } from './sign-ins.repository.js';

const EVERY_MS = 60 * 60_000;
const BATCH = 1_000;

/** Removes sign-ins, tokens, tickets and states that ended long ago. Any number of nodes may do so at once. */
@Injectable()
export class SignInRetentionService implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(SignInRetentionService.name);
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly signIns: SignInsRepository) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => void this.tidyQuietly(), EVERY_MS).unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  /** @returns how many rows are gone */
  async tidy(): Promise<number> {
    let total = 0;
    for (let removed = BATCH; removed >= BATCH; total += removed) removed = await this.signIns.removeStale(BATCH);
    return total;
  }

  private async tidyQuietly(): Promise<void> {
    try {
      await this.tidy();
    } catch (error) {
      this.logger.warn({ msg: 'Old sign-ins could not be removed; the next round tries again', err: error });
    }
  }
}
