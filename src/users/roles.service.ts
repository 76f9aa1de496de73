import { Injectable } from '@nestjs/common';
import type { Actor, Role } from '../common/actor.js';
import { AppError } from '../common/errors/app-error.js';
import { newId } from '../common/ids.js';
import { DomainEventBus } from '../events/domain-event-bus.js';
import { UnitOfWork } from '../prisma/unit-of-work.js';
import { AuditLog } from './audit-log.service.js';
import type { User } from './user.js';
import { UsersRepository } from './users.repository.js';

/** Who may do what. There is always an admin once there was one. */
@Injectable()
export class RolesService {
  constructor(
    private readonly users: UsersRepository,
    private readonly audit: AuditLog,
    private readonly unitOfWork: UnitOfWork,
    private readonly events: DomainEventBus,
  ) {}

  /** @throws AppError USER_NOT_FOUND, LAST_ADMIN */
  change(actor: Actor, userId: string, role: Role): Promise<User> {
    return this.unitOfWork.run(async () => {
      const admins = await this.users.lockAdmins();
      // Read under the lock: whoever asks may have been demoted while waiting for it.
      if (!admins.includes(actor.userId)) throw new AppError('FORBIDDEN');
      const current = await this.users.lock(userId);
      if (!current) throw new AppError('USER_NOT_FOUND');
      if (role !== 'admin') assertNotLast(admins, userId);
      return this.set(actor.userId, userId, current.role, role);
    });
  }

  /** To be called in the transaction that removes the person. @throws AppError LAST_ADMIN */
  async assertCanLeave(userId: string): Promise<void> {
    assertNotLast(await this.users.lockAdmins(), userId);
  }

  hasAdmin(): Promise<boolean> {
    return this.users.hasAdmin();
  }

  /** Makes the first admin unless there is one: a new account, or the one with this email as it is. @returns what it did */
  makeFirstAdmin(email: string, passwordHash: string): Promise<'created' | 'raised' | 'present'> {
    return this.unitOfWork.run(async () => {
      if (await this.users.hasAdmin()) return 'present';
      const id = newId();
      // The insert waits for a registration of the same email that is under way, and then does nothing.
      if (!(await this.users.create({ id, email, passwordHash, role: 'admin' }))) return this.raise(email);
      await this.audit.record({ actorId: null, action: 'user.created', subjectId: id, data: { role: 'admin' } });
      return 'created';
    });
  }

  private async raise(email: string): Promise<'raised' | 'present'> {
    const existing = await this.users.findCredentials(email);
    const current = existing && (await this.users.lock(existing.userId));
    // Another node was faster, or the person left this very moment.
    if (!current || current.role === 'admin') return 'present';
    await this.set(null, existing.userId, current.role, 'admin');
    return 'raised';
  }

  private async set(actorId: string | null, userId: string, previousRole: Role, role: Role): Promise<User> {
    const user = await this.users.setRole(userId, role);
    if (!user) throw new AppError('USER_NOT_FOUND');
    if (previousRole !== role) {
      const data = { from: previousRole, to: role };
      await this.audit.record({ actorId, action: 'user.role-changed', subjectId: userId, data });
      this.events.publish('user.role-changed', { userId, role, previousRole });
    }
    return user;
  }
}

function assertNotLast(admins: readonly string[], userId: string): void {
  if (admins.length === 1 && admins[0] === userId) throw new AppError('LAST_ADMIN');
}
