import { Injectable } from '@nestjs/common';
import type { DomainEvents } from '../../events/domain-events.js';
import { OnDomainEvent } from '../../events/on-domain-event.js';
import { deskFrame } from '../contract/desk-frames.js';
import { DeskConnections } from './desk-connections.js';
import { DeskFeed } from './desk-feed.js';
import { DeskSubscriptions } from './desk-subscriptions.js';

/** Wakes the desk's feed when something happened, and tells what is not in its log. */
@Injectable()
export class DeskListener {
  constructor(
    private readonly feed: DeskFeed,
    private readonly subscriptions: DeskSubscriptions,
    private readonly connections: DeskConnections,
  ) {}

  @OnDomainEvent('message.created')
  created({ message }: DomainEvents['message.created']): void {
    if (message.kind !== 'room') this.feed.wake();
  }

  @OnDomainEvent('message.updated')
  updated({ message }: DomainEvents['message.updated']): void {
    if (message.kind !== 'room') this.feed.wake();
  }

  @OnDomainEvent('answer.delta')
  delta(event: DomainEvents['answer.delta']): void {
    this.subscriptions.tell(event);
  }

  @OnDomainEvent('support-chat.status-changed')
  moved({ chatId, status, operatorId }: DomainEvents['support-chat.status-changed']): void {
    this.feed.chatMoved(chatId, { status, operatorId });
  }

  @OnDomainEvent('support-chat.updated')
  chatUpdated(_: DomainEvents['support-chat.updated']): void {
    this.feed.wake();
  }

  @OnDomainEvent('support-chat.sla-breached')
  breached(_: DomainEvents['support-chat.sla-breached']): void {
    this.feed.wake();
  }

  @OnDomainEvent('session.deleted')
  deleted(_: DomainEvents['session.deleted']): void {
    this.feed.wake();
  }

  @OnDomainEvent('operator.status-changed')
  operatorStatus({ operatorId, status }: DomainEvents['operator.status-changed']): void {
    this.connections.tellAll(deskFrame('operator_status_change', { operatorId, status }));
  }

  /** Who loses a role is closed with the sign-in. */
  @OnDomainEvent('user.role-changed')
  roleChanged({ userId, role }: DomainEvents['user.role-changed']): void {
    for (const connection of this.connections.of(userId)) connection.promote(role);
  }
}
