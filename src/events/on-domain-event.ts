import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DiscoveryService, MetadataScanner, Reflector } from '@nestjs/core';
import { DomainEventBus, type EventOrigin } from './domain-event-bus.js';
import type { DomainEventName, DomainEvents } from './domain-events.js';

const DOMAIN_EVENT = Symbol('domain event');
const JOINED_EVENT = Symbol('joined domain event');

interface Mark {
  name: DomainEventName;
  origin: EventOrigin;
}

/**
 * Marks a provider's method as a handler of one domain event. `here`, where it happened, is for what must be done once;
 * `anywhere` for what every node has to do with its own connections and its own memory.
 */
export function OnDomainEvent<N extends DomainEventName>(name: N, origin: EventOrigin = 'here') {
  return (
    _target: object,
    _key: string,
    descriptor:
      | TypedPropertyDescriptor<(event: DomainEvents[N]) => void>
      | TypedPropertyDescriptor<(event: DomainEvents[N]) => Promise<void>>
      | TypedPropertyDescriptor<() => void>
      | TypedPropertyDescriptor<() => Promise<void>>,
  ): void => {
    Reflect.defineMetadata(DOMAIN_EVENT, { name, origin } satisfies Mark, descriptor.value as object);
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
        const mark = this.reflector.get<Mark | undefined>(DOMAIN_EVENT, method);
        if (mark) this.bus.subscribe(mark.name, (event) => method.call(instance, event), mark.origin);
        const joined = this.reflector.get<DomainEventName | undefined>(JOINED_EVENT, method);
        if (joined) this.bus.join(joined, (event) => method.call(instance, event));
      }
    }
  }
}
