import { Global, Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { DomainEventBus } from './domain-event-bus.js';
import { DomainEventExplorer } from './on-domain-event.js';

@Global()
@Module({
  imports: [DiscoveryModule],
  providers: [DomainEventBus, DomainEventExplorer],
  exports: [DomainEventBus],
})
export class EventsModule {}
