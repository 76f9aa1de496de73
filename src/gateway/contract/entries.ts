import type { ErrorCode } from '../../common/errors/error-catalogue.js';
import type { Constructor } from '../../common/validation/validate.js';

/** What a part of the contract is about; the documents follow it. */
export type Subject = 'connection' | 'sessions' | 'rooms';

/** One thing the server says: its shape, who hears it, and how it looks. */
export interface EventEntry<T extends object> {
  readonly payload: Constructor<T>;
  /** Who hears it. */
  readonly to: string;
  /** In words where the fields alone do not say it. */
  readonly shape?: string;
  readonly example: T;
}

/** Of a command: what was sent and what the ack carried beside `ok: true`. */
export interface Exchange<I extends object, A> {
  readonly send: I;
  readonly ack: A;
  /** In words where the fields alone do not say it. */
  readonly shape?: string;
}

/** One thing a client may say on `/chat`. */
export interface CommandEntry<I extends object, A extends object | null> {
  /** The class that checks it. */
  readonly input: Constructor<I>;
  /** What the ack carries beside `ok: true`; null: nothing. */
  readonly ack: A extends object ? Constructor<A> : null;
  /** What it does. */
  readonly does: string;
  /** The refusals of its own, beside those that any command may get. */
  readonly errors: readonly ErrorCode[];
  readonly examples: Partial<Record<Subject, Exchange<I, A>>>;
}

export const event = <T extends object>(
  payload: Constructor<T>,
  rest: Omit<EventEntry<NoInfer<T>>, 'payload'>,
): EventEntry<T> => ({ payload, ...rest });

export const command = <I extends object, A extends object>(
  input: Constructor<I>,
  ack: Constructor<A>,
  rest: Omit<CommandEntry<NoInfer<I>, NoInfer<A>>, 'input' | 'ack'>,
): CommandEntry<I, A> => ({ input, ack: ack as CommandEntry<I, A>['ack'], ...rest });

/** A command whose ack says no more than that it is done. */
export const plainCommand = <I extends object>(
  input: Constructor<I>,
  rest: Omit<CommandEntry<NoInfer<I>, null>, 'input' | 'ack'>,
): CommandEntry<I, null> => ({ input, ack: null, ...rest });

/** The payloads of a catalogue, by name. */
export type PayloadsOf<C> = { [N in keyof C]: C[N] extends EventEntry<infer T> ? T : never };

/** What any command may be refused with. */
export const COMMON_REFUSALS = [
  'VALIDATION_FAILED',
  'RATE_LIMITED',
  'SERVER_BUSY',
  'SERVER_DRAINING',
  'DATABASE_UNAVAILABLE',
  'INTERNAL',
] as const satisfies readonly ErrorCode[];
