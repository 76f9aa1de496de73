import { Injectable } from '@nestjs/common';
import type { DomainEvents } from '../events/domain-events.js';
import { OnDomainEvent } from '../events/on-domain-event.js';
import { ChatTransitions } from './chat-transitions.service.js';

/** Nobody's customers wait for somebody who does not work here any more. */
@Injectable()
export class OperatorsListener {
  constructor(private readonly transitions: ChatTransitions) {}

  @OnDomainEvent('user.role-changed')
  async onRoleChanged({ userId, role }: DomainEvents['user.role-changed']): Promise<void> {
    if (role === 'user') await this.transitions.queueAllOf(userId);
  }

  @OnDomainEvent('user.erased')
  async onErased({ userId }: DomainEvents['user.erased']): Promise<void> {
    await this.transitions.queueAllOf(userId);
  }

  @OnDomainEvent('sign-in.revoked')
  async onSignInRevoked({ userId, reason }: DomainEvents['sign-in.revoked']): Promise<void> {
    if (reason === 'disabled') await this.transitions.queueAllOf(userId);
  }
}
