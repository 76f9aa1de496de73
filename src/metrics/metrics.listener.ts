import { Injectable } from '@nestjs/common';
import type { DomainEvents } from '../events/domain-events.js';
import { OnDomainEvent } from '../events/on-domain-event.js';
import { MetricsService } from './metrics.service.js';

@Injectable()
export class MetricsListener {
  constructor(private readonly metrics: MetricsService) {}

  @OnDomainEvent('message.created')
  count({ message }: DomainEvents['message.created']): void {
    this.metrics.messageAppended(message.role);
  }
}
