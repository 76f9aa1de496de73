import { Injectable, Logger } from '@nestjs/common';
import { afterCommit, beforeCommit } from '../prisma/transaction-scope.js';
import type { DomainEventName, DomainEvents } from './domain-events.js';
import type { NodeLink } from './node-link.js';

/** Which events a handler takes: of this node, of the other nodes of the installation, or of all of them. */
export type EventOrigin = 'here' | 'elsewhere' | 'anywhere';

type Handler<N extends DomainEventName> = (event: DomainEvents[N]) => void | Promise<void>;
type Partner<N extends DomainEventName> = (event: DomainEvents[N]) => Promise<void>;

interface Subscription {
  handler: Handler<never>;
  origin: EventOrigin;
}

/**
 * Tells features and doors what happened, here and on other nodes. Handlers are called in the order of the events. What
 * happened here is told here at once, whatever the way to the other nodes is like; without a link there are none.
 */
@Injectable()
export class DomainEventBus {
  private readonly logger = new Logger(DomainEventBus.name);
  private readonly subscriptions = new Map<DomainEventName, Subscription[]>();
  private readonly partners = new Map<DomainEventName, Partner<never>[]>();
  private readonly running = new Set<Promise<void>>();
  private link: NodeLink | null = null;

  /** Whether there may be other nodes. */
  get isShared(): boolean {
    return this.link !== null;
  }

  /** Whether what happens on other nodes becomes known here by itself. */
  get hearsOthers(): boolean {
    return this.link === null || this.link.hearsOthers;
  }

  /** Whether what happens here becomes known to other nodes, if they are alive. */
  get reachesOthers(): boolean {
    return this.link?.isUp === true;
  }

  /** Tells the other nodes, too, from now on. */
  connect(link: NodeLink): void {
    this.link = link;
  }

  /** Tells `event` after the current transaction is committed, or at once outside of one. */
  publish<N extends DomainEventName>(name: N, event: DomainEvents[N]): void {
    const partners = (this.partners.get(name) ?? []) as Partner<N>[];
    for (const partner of partners) if (!beforeCommit(() => partner(event))) this.track(name, partner(event));
    afterCommit(() => {
      this.dispatch(name, event, 'here');
      if (this.link && this.subscriptions.get(name)?.some(({ origin }) => origin !== 'here'))
        this.link.send(name, event);
    });
  }

  /** Tells an event of another node. */
  receive<N extends DomainEventName>(name: N, event: DomainEvents[N]): void {
    this.dispatch(name, event, 'elsewhere');
  }

  subscribe<N extends DomainEventName>(name: N, handler: Handler<N>, origin: EventOrigin = 'here'): void {
    const subscriptions = this.subscriptions.get(name) ?? [];
    subscriptions.push({ handler, origin });
    this.subscriptions.set(name, subscriptions);
  }

  /** What `partner` writes belongs to the transaction that the event is published in, and its failure rolls that back. */
  join<N extends DomainEventName>(name: N, partner: Partner<N>): void {
    this.partners.set(name, [...(this.partners.get(name) ?? []), partner]);
  }

  /** Resolves when every handler that is under way has ended. */
  async settled(): Promise<void> {
    while (this.running.size > 0) await Promise.all(this.running);
  }

  private dispatch<N extends DomainEventName>(name: N, event: DomainEvents[N], from: 'here' | 'elsewhere'): void {
    for (const { handler, origin } of this.subscriptions.get(name) ?? []) {
      if (origin !== 'anywhere' && origin !== from) continue;
      try {
        const outcome = (handler as Handler<N>)(event);
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
