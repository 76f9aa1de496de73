import type { DomainEventName, DomainEvents } from './domain-events.js';

/** The way to the other nodes of the same installation. Lossy: what has to reach everybody is in PostgreSQL too. */
export interface NodeLink {
  /** Whether what is told here goes out and comes in. */
  readonly isUp: boolean;
  /** Whether everything that others tell arrives; when not, PostgreSQL has to be asked. */
  readonly hearsOthers: boolean;
  /** Tells the others `event`, in the order of the calls. Never waits, never throws. */
  send<N extends DomainEventName>(name: N, event: DomainEvents[N]): void;
}
