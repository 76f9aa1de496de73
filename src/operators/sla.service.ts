import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { AppConfig } from '../config/app-config.js';
import { DomainEventBus } from '../events/domain-event-bus.js';
import { UnitOfWork } from '../prisma/unit-of-work.js';
import { AuditLog } from '../users/audit-log.service.js';
import { SlaRepository } from './sla.repository.js';

const SWEEP_MS = 1_000;

/** Tells when nobody answered in time (SLA_FIRST_RESPONSE_S), once a call for a human. */
@Injectable()
export class SlaService implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(SlaService.name);
  private timer: NodeJS.Timeout | undefined;
  private sweeping: Promise<void> | null = null;

  constructor(
    private readonly config: AppConfig,
    private readonly breaches: SlaRepository,
    private readonly audit: AuditLog,
    private readonly unitOfWork: UnitOfWork,
    private readonly events: DomainEventBus,
  ) {}

  onApplicationBootstrap(): void {
    if (this.config.env.SLA_FIRST_RESPONSE_S === 0) return;
    this.timer = setInterval(() => void this.sweep(), SWEEP_MS).unref();
  }

  async onModuleDestroy(): Promise<void> {
    clearInterval(this.timer);
    await this.sweeping;
  }

  /** Never throws. */
  async sweep(): Promise<void> {
    this.sweeping ??= this.mark()
      .catch((error: unknown) => this.logger.warn({ msg: 'Late answers could not be looked for', err: error }))
      .finally(() => (this.sweeping = null));
    await this.sweeping;
  }

  private mark(): Promise<void> {
    return this.unitOfWork.run(async () => {
      for (const breach of await this.breaches.markLate(this.config.env.SLA_FIRST_RESPONSE_S)) {
        const { chatId, waitedSeconds, operatorId } = breach;
        const data = { waitedSeconds, operatorId };
        await this.audit.record({ actorId: null, action: 'chat.sla-breached', subjectId: chatId, data });
        this.events.publish('support-chat.sla-breached', breach);
      }
    });
  }
}
