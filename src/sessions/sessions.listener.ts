import { Injectable } from '@nestjs/common';
import type { DomainEvents } from '../events/domain-events.js';
import { OnDomainEvent } from '../events/on-domain-event.js';
import { SessionsService } from './sessions.service.js';

@Injectable()
export class SessionsListener {
  constructor(private readonly sessions: SessionsService) {}

  @OnDomainEvent('session.deleted', 'anywhere')
  onDeleted({ sessionId }: DomainEvents['session.deleted']): void {
    this.sessions.forgetOwner(sessionId);
  }

  @OnDomainEvent('nodes.missed')
  onMissed(): void {
    this.sessions.forgetOwners();
  }
}
