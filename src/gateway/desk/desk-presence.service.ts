import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { AppConfig } from '../../config/app-config.js';
import { OperatorPresence } from '../../operators/operator-presence.service.js';
import { DeskConnections } from './desk-connections.js';

/** At most this long, and often enough for a short OPERATOR_AWAY_AFTER_S. */
const LONGEST_SWEEP_MS = 5_000;
const SWEEPS_A_GRACE = 4;

/** Notes whose desks are connected here, and finds those whose desks are gone everywhere. */
@Injectable()
export class DeskPresence implements OnModuleDestroy {
  private readonly logger = new Logger(DeskPresence.name);
  private readonly graceMs: number;
  private readonly timer: NodeJS.Timeout;
  private running: Promise<void> | null = null;

  constructor(
    private readonly connections: DeskConnections,
    private readonly presence: OperatorPresence,
    config: AppConfig,
  ) {
    this.graceMs = config.env.OPERATOR_AWAY_AFTER_S * 1000;
    const every = Math.min(LONGEST_SWEEP_MS, this.graceMs / SWEEPS_A_GRACE);
    this.timer = setInterval(() => this.sweep(), every).unref();
  }

  async onModuleDestroy(): Promise<void> {
    clearInterval(this.timer);
    await this.running;
  }

  /** Never throws. */
  async arrived(userId: string): Promise<void> {
    await this.presence.arrived(userId).catch((error: unknown) => this.report(error));
  }

  private sweep(): void {
    this.running ??= this.refresh()
      .catch((error: unknown) => this.report(error))
      .finally(() => (this.running = null));
  }

  private async refresh(): Promise<void> {
    await this.presence.seen(this.connections.operatorIds());
    await this.presence.findAbsent(this.graceMs);
  }

  private report(error: unknown): void {
    this.logger.warn({ msg: 'Who is at the desk could not be noted', err: error });
  }
}
