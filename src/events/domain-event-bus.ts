import { Injectable, Logger } from '@nestjs/common';
import { afterCommit, beforeCommit } from '../prisma/transaction-scope.js';
import type { DomainEventName, DomainEvents } from './domain-events.js';

type Handler<N extends DomainEventName> = (event: DomainEvents[N]) => void | Promise<void>;
type Partner<N extends DomainEventName> = (event: DomainEvents[N]) => Promise<void>;

/** Tells features and doors of this node what happened. Handlers are called in the order of the events. */
@Injectable()
export class DomainEventBus {
  private readonly logger = new Logger(DomainEventBus.name);
  private readonly handlers = new Map<DomainEventName, Handler<never>[]>();
  private readonly partners = new Map<DomainEventName, Partner<never>[]>();
  private readonly running = new Set<Promise<void>>();

  /** Tells `event` after the current transaction is committed, or at once outside of one. */
  publish<N extends DomainEventName>(name: N, event: DomainEvents[N]): void {
    const partners = (this.partners.get(name) ?? []) as Partner<N>[];
    for (const partner of partners) if (!beforeCommit(() => partner(event))) this.track(name, partner(event));
    afterCommit(() => this.dispatch(name, event));
  }

  subscribe<N extends DomainEventName>(name: N, handler: Handler<N>): void {
    const handlers = this.handlers.get(name) ?? [];
    handlers.push(handler);
    this.handlers.set(name, handlers);
  }

  /** What `partner` writes belongs to the transaction that the event is published in, and its failure rolls that back. */
  join<N extends DomainEventName>(name: N, partner: Partner<N>): void {
    this.partners.set(name, [...(this.partners.get(name) ?? []), partner]);
  }

  /** Resolves when every handler that is under way has ended. */
  async settled(): Promise<void> {
    while (this.running.size > 0) await Promise.all(this.running);
  }

  private dispatch<N extends DomainEventName>(name: N, event: DomainEvents[N]): void {
    for (const handler of (this.handlers.get(name) ?? []) as Handler<N>[]) {
      try {
        const outcome = handler(event);
        if (outcome instanceof Promise) this.track(name, outcome);
      } catch (error) {
        this.report(name, error);
      }
    }
  }

  private track(name: DomainEventName, outcome: Promise<void>): void {
    const tracked = outcome
      .catch((error: unknown) => this.report(name, error))
      .finally(() => this.running.delete(tracked));
    this.running.add(tracked);
  }

  private report(name: DomainEventName, error: unknown): void {
    this.logger.error({ msg: `A handler of ${name} failed`, err: error });
  }
}
