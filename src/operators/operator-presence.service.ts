import { Injectable } from '@nestjs/common';
import { DomainEventBus } from '../events/domain-event-bus.js';
import type { OperatorStatus } from '../events/domain-events.js';
import { UnitOfWork } from '../prisma/unit-of-work.js';
import { OperatorPresenceRepository } from './operator-presence.repository.js';
import { OperatorsRepository } from './operators.repository.js';

/** Who works at a desk that is connected. Who leaves without a word becomes `away` after a while, and `online` again with the next connection. */
@Injectable()
export class OperatorPresence {
  constructor(
    private readonly presence: OperatorPresenceRepository,
    private readonly operators: OperatorsRepository,
    private readonly unitOfWork: UnitOfWork,
    private readonly events: DomainEventBus,
  ) {}

  /** A desk of this operator was connected. */
  async arrived(userId: string): Promise<void> {
    await this.operators.ensure(userId);
    await this.seen([userId]);
  }

  /** Desks of these operators are connected. */
  async seen(userIds: readonly string[]): Promise<void> {
    if (userIds.length === 0) return;
    await this.unitOfWork.run(async () => this.tell(await this.presence.seen(userIds), 'online'));
  }

  /** Finds those whose desks are gone for `graceMs`, wherever they were connected. */
  async findAbsent(graceMs: number): Promise<void> {
    await this.unitOfWork.run(async () => this.tell(await this.presence.markAbsent(graceMs), 'away'));
  }

  statuses(): Promise<{ operatorId: string; status: OperatorStatus }[]> {
    return this.presence.statuses();
  }

  private tell(operatorIds: readonly string[], status: OperatorStatus): void {
    for (const operatorId of operatorIds) this.events.publish('operator.status-changed', { operatorId, status });
  }
}
