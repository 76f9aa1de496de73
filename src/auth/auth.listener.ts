import { Injectable } from '@nestjs/common';
import { hasRole } from '../common/actor.js';
import type { DomainEvents } from '../events/domain-events.js';
import { OnDomainEvent } from '../events/on-domain-event.js';
import { ActorResolver } from './actor-resolver.service.js';
import { AuthService } from './auth.service.js';
import { LoginThrottle } from './passwords/login-throttle.js';
import { SignInsService } from './tokens/sign-ins.service.js';

@Injectable()
export class AuthListener {
  constructor(
    private readonly actors: ActorResolver,
    private readonly signIns: SignInsService,
    private readonly auth: AuthService,
    private readonly throttle: LoginThrottle,
  ) {}

  @OnDomainEvent('password.tried', 'elsewhere')
  countTried(tried: DomainEvents['password.tried']): void {
    this.throttle.count(tried);
  }

  @OnDomainEvent('limit.taken', 'elsewhere')
  countTaken({ limit, key }: DomainEvents['limit.taken']): void {
    if (limit === 'registrations') this.auth.countRegistration(key);
    else this.signIns.countRefresh(key);
  }

  @OnDomainEvent('sign-in.revoked', 'anywhere')
  onSignInRevoked({ userId, signInId }: DomainEvents['sign-in.revoked']): void {
    this.actors.forget(userId, signInId);
  }

  @OnDomainEvent('user.role-changed', 'anywhere')
  forgetRole({ userId }: DomainEvents['user.role-changed']): void {
    this.actors.forget(userId);
  }

  @OnDomainEvent('nodes.missed')
  onMissed(): void {
    this.actors.forgetAll();
  }

  /** Who loses a role has to sign in again: what is open with the old rights closes. */
  @OnDomainEvent('user.role-changed')
  async onRoleChanged({ userId, role, previousRole }: DomainEvents['user.role-changed']): Promise<void> {
    if (!hasRole(role, previousRole)) await this.signIns.endAll(userId, 'role_changed');
  }

  @OnDomainEvent('user.erased', 'anywhere')
  onErased({ userId }: DomainEvents['user.erased']): void {
    this.actors.forget(userId);
  }
}
