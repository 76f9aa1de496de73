import { Injectable } from '@nestjs/common';
import { AuthService } from '../auth/auth.service.js';
import type { Actor, Role } from '../common/actor.js';
import { AppError } from '../common/errors/app-error.js';
import { newId } from '../common/ids.js';
import { DomainEventBus } from '../events/domain-event-bus.js';
import type { OperatorStatus } from '../events/domain-events.js';
import { UnitOfWork } from '../prisma/unit-of-work.js';
import { AccountsService } from '../users/accounts.service.js';
import { AuditLog } from '../users/audit-log.service.js';
import { RolesService } from '../users/roles.service.js';
import { ChatTransitions } from './chat-transitions.service.js';
import type { OperatorRecord } from './operator.js';
import { OperatorsRepository } from './operators.repository.js';

export type OperatorRole = Exclude<Role, 'user'>;

export interface NewOperator {
  email: string;
  password: string;
  name: string;
  role: OperatorRole;
  maxChats?: number;
}

/** What is absent stays as it is. */
export interface OperatorChanges {
  name?: string;
  role?: Role;
  maxChats?: number;
  isActive?: boolean;
}

/** People who work at the desk. */
@Injectable()
export class OperatorsService {
  constructor(
    private readonly operators: OperatorsRepository,
    private readonly accounts: AccountsService,
    private readonly roles: RolesService,
    private readonly auth: AuthService,
    private readonly transitions: ChatTransitions,
    private readonly audit: AuditLog,
    private readonly unitOfWork: UnitOfWork,
    private readonly events: DomainEventBus,
  ) {}

  list(): Promise<OperatorRecord[]> {
    return this.operators.list();
  }

  /** @throws AppError OPERATOR_NOT_FOUND */
  async get(id: string): Promise<OperatorRecord> {
    const operator = await this.operators.find(id);
    if (!operator) throw new AppError('OPERATOR_NOT_FOUND');
    return operator;
  }

  /** Says whether the actor is there, and how many chats they hold at once. */
  async setOwn(actor: Actor, changes: { status?: OperatorStatus; maxChats?: number }): Promise<OperatorRecord> {
    await this.unitOfWork.run(async () => {
      await this.operators.ensure(actor.userId);
      const { isStatusNew } = await this.operators.setProfile(actor.userId, changes);
      await this.operators.touch(actor.userId);
      const { status, maxChats } = changes;
      if (status !== undefined && isStatusNew)
        this.events.publish('operator.status-changed', { operatorId: actor.userId, status });
      if (maxChats !== undefined) this.events.publish('operator.updated', { operatorId: actor.userId });
    });
    return this.get(actor.userId);
  }

  /** @throws AppError EMAIL_TAKEN, VALIDATION_FAILED for a well-known password, SERVER_BUSY */
  async create(actor: Actor, { email, password, name, role, maxChats }: NewOperator): Promise<OperatorRecord> {
    const passwordHash = await this.auth.hashNewPassword(email, password);
    const id = newId();
    await this.unitOfWork.run(async () => {
      await this.accounts.create({ id, email, passwordHash, name, role });
      await this.operators.ensure(id, maxChats);
      await this.audit.record({ actorId: actor.userId, action: 'operator.created', subjectId: id, data: { role } });
      this.events.publish('operator.updated', { operatorId: id });
    });
    return this.get(id);
  }

  /** @throws AppError OPERATOR_NOT_FOUND, LAST_ADMIN, FORBIDDEN */
  async update(actor: Actor, id: string, changes: OperatorChanges): Promise<OperatorRecord> {
    const { name, role, maxChats, isActive } = changes;
    const before = await this.get(id);
    await this.unitOfWork.run(async () => {
      if (role !== undefined && role !== before.role) await this.roles.change(actor, id, role);
      if (isActive !== undefined && isActive !== before.isActive) await this.setActive(actor, id, isActive);
      if (name !== undefined) await this.accounts.rename(id, name);
      if (maxChats !== undefined) {
        await this.operators.ensure(id);
        await this.operators.setProfile(id, { maxChats });
      }
      this.events.publish('operator.updated', { operatorId: id });
    });
    // Not inside: moves lock the chat before the operator. A listener does the same for those who leave by another way.
    if (isActive === false || role === 'user') await this.transitions.queueAllOf(id);
    const after = await this.operators.find(id);
    // Who was made a user is an operator no more.
    return after ?? { ...before, ...(role ? { role } : {}), status: 'offline', activeChats: 0 };
  }

  private async setActive(actor: Actor, id: string, isActive: boolean): Promise<void> {
    if (!isActive) await this.roles.assertCanLeave(id);
    await this.accounts.setActive(id, isActive);
    // Waits for a chat that the operator is taking right now: it goes into the queue with the others.
    if (!isActive) await this.operators.setProfile(id, { status: 'offline' });
    const action = isActive ? 'operator.enabled' : 'operator.disabled';
    await this.audit.record({ actorId: actor.userId, action, subjectId: id });
    if (!isActive) await this.auth.endSignIns(id, 'disabled');
  }
}
