import { Injectable } from '@nestjs/common';
import type { Actor } from '../common/actor.js';
import { AppError } from '../common/errors/app-error.js';
import { DomainEventBus } from '../events/domain-event-bus.js';
import { UnitOfWork } from '../prisma/unit-of-work.js';
import { AuditLog } from './audit-log.service.js';
import { PersonalDataRegistry } from './personal-data.registry.js';
import { RolesService } from './roles.service.js';
import { UsersRepository } from './users.repository.js';

/** Forgets people. */
@Injectable()
export class ErasureService {
  constructor(
    private readonly users: UsersRepository,
    private readonly roles: RolesService,
    private readonly registry: PersonalDataRegistry,
    private readonly audit: AuditLog,
    private readonly unitOfWork: UnitOfWork,
    private readonly events: DomainEventBus,
  ) {}

  /** Removes everything personal in all features, whole or not at all. @throws AppError LAST_ADMIN */
  async erase(actor: Actor): Promise<void> {
    const { userId } = actor;
    await this.unitOfWork.run(async () => {
      await this.roles.assertCanLeave(userId);
      if (!(await this.users.lock(userId))) throw new AppError('USER_NOT_FOUND');
      for (const step of this.registry.erasureSteps) await step(userId);
      await this.users.erase(userId);
      await this.audit.record({ actorId: userId, action: 'user.erased', subjectId: userId });
      this.events.publish('user.erased', { userId });
    });
  }
}
