import { Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { PrismaService } from './prisma.service.js';

/** Between two looks at the database's clock. */
const EVERY_MS = 30_000;
/** An answer that took longer says too little about the time. */
const SLOW_MS = 1_000;

/**
 * The time that all nodes agree on: the database's, carried on by the monotonic clock of this process. What the clock of this
 * machine says, and when somebody puts it right, does not matter.
 */
@Injectable()
export class DatabaseClock implements OnModuleInit, OnModuleDestroy {
  private readonly logger = new Logger(DatabaseClock.name);
  private startedAt = Date.now() - performance.now();
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly prisma: PrismaService) {}

  /** ms since the epoch. */
  now(): number {
    return this.startedAt + performance.now();
  }

  async onModuleInit(): Promise<void> {
    await this.look();
    this.timer = setInterval(() => void this.look(), EVERY_MS).unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  /** Keeps what is known when the database does not answer. */
  private async look(): Promise<void> {
    const before = performance.now();
    try {
      const [row] = await this.prisma.$queryRaw<{ at: number }[]>`
        SELECT extract(epoch FROM clock_timestamp())::float8 * 1000 AS at`;
      const after = performance.now();
      if (row && after - before < SLOW_MS) this.startedAt = row.at - (before + after) / 2;
    } catch (error) {
      this.logger.debug({ msg: 'The clock of the database cannot be read', err: error });
    }
  }
}
