import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DiscoveryService, MetadataScanner, Reflector } from '@nestjs/core';
import { DomainEventBus } from './domain-event-bus.js';
import type { DomainEventName, DomainEvents } from './domain-events.js';

const DOMAIN_EVENT = Symbol('domain event');
const JOINED_EVENT = Symbol('joined domain event');

/** Marks a provider's method as a handler of one domain event. */
export function OnDomainEvent<N extends DomainEventName>(name: N) {
  return (
    _target: object,
    _key: string,
    descriptor:
      | TypedPropertyDescriptor<(event: DomainEvents[N]) => void>
      | TypedPropertyDescriptor<(event: DomainEvents[N]) => Promise<void>>,
  ): void => {
    Reflect.defineMetadata(DOMAIN_EVENT, name, descriptor.value as object);
  };
}

/**
 * Marks a provider's method as a part of the transaction that publishes one domain event: what it writes is committed with
 * it, what it throws rolls it back. For what must not be lost, like a message that has to be sent.
 */
export function WithDomainEvent<N extends DomainEventName>(name: N) {
  return (
    _target: object,
    _key: string,
    descriptor: TypedPropertyDescriptor<(event: DomainEvents[N]) => Promise<void>>,
  ): void => {
    Reflect.defineMetadata(JOINED_EVENT, name, descriptor.value as object);
  };
}

/** Finds the marked methods at start and subscribes them. */
@Injectable()
export class DomainEventExplorer implements OnModuleInit {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    private readonly reflector: Reflector,
    private readonly bus: DomainEventBus,
  ) {}

  onModuleInit(): void {
    for (const { instance } of this.discovery.getProviders() as { instance: unknown }[]) {
      if (typeof instance !== 'object' || instance === null) continue;
      const host = instance as Record<string, (event: unknown) => Promise<void>>;
      const prototype = Object.getPrototypeOf(instance) as object | null;
      if (!prototype) continue;
      for (const key of this.scanner.getAllMethodNames(prototype)) {
        const method = host[key];
        if (typeof method !== 'function') continue;
        const name = this.reflector.get<DomainEventName | undefined>(DOMAIN_EVENT, method);
        if (name) this.bus.subscribe(name, (event) => method.call(instance, event));
        const joined = this.reflector.get<DomainEventName | undefined>(JOINED_EVENT, method);
        if (joined) this.bus.join(joined, (event) => method.call(instance, event));
      }
    }
  }
}
