import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DistantTexts } from '../../ai/distant-texts.service.js';
import type { DomainEvents } from '../../events/domain-events.js';
import { OnDomainEvent } from '../../events/on-domain-event.js';
import { deskFrame } from '../contract/desk-frames.js';
import { DeskConnections } from './desk-connections.js';
import { DeskFeed } from './desk-feed.js';
import { DeskSubscriptions } from './desk-subscriptions.js';

/** Wakes the desk's feed when something happened, and tells what is not in its log. */
@Injectable()
export class DeskListener implements OnModuleInit {
  constructor(
    private readonly feed: DeskFeed,
    private readonly subscriptions: DeskSubscriptions,
    private readonly connections: DeskConnections,
    private readonly distantTexts: DistantTexts,
  ) {}

  onModuleInit(): void {
    this.distantTexts.onText((delta) => this.delta(delta));
  }

  @OnDomainEvent('message.created', 'anywhere')
  created({ message }: DomainEvents['message.created']): void {
    if (message.kind !== 'room') this.feed.wake();
  }

  @OnDomainEvent('message.updated', 'anywhere')
  updated({ message }: DomainEvents['message.updated']): void {
    if (message.kind !== 'room') this.feed.wake();
  }

  @OnDomainEvent('answer.delta')
  delta(event: DomainEvents['answer.delta']): void {
    this.subscriptions.tell(event);
  }

  @OnDomainEvent('support-chat.status-changed', 'anywhere')
  moved({ chatId, status, operatorId }: DomainEvents['support-chat.status-changed']): void {
    this.feed.chatMoved(chatId, { status, operatorId });
  }

  @OnDomainEvent('support-chat.updated', 'anywhere')
  chatUpdated(_: DomainEvents['support-chat.updated']): void {
    this.feed.wake();
  }

  @OnDomainEvent('support-chat.sla-breached', 'anywhere')
  breached(_: DomainEvents['support-chat.sla-breached']): void {
    this.feed.wake();
  }

  @OnDomainEvent('session.deleted', 'anywhere')
  deleted(_: DomainEvents['session.deleted']): void {
    this.feed.wake();
  }

  @OnDomainEvent('operator.status-changed', 'anywhere')
  operatorStatus({ operatorId, status }: DomainEvents['operator.status-changed']): void {
    this.connections.tellAll(deskFrame('operator_status_change', { operatorId, status }));
  }

  /** Who loses a role is closed with the sign-in. */
  @OnDomainEvent('user.role-changed', 'anywhere')
  roleChanged({ userId, role }: DomainEvents['user.role-changed']): void {
    for (const connection of this.connections.of(userId)) connection.promote(role);
  }
}
