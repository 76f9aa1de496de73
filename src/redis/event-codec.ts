import type { DomainEventName, DomainEvents } from '../events/domain-events.js';

/** One event with its name, as it travels. */
export type TravellingEvent = { [N in DomainEventName]: [N, DomainEvents[N]] }[DomainEventName];

const DATE = '$date';

/** JSON that keeps dates. */
export function encodeEvent(event: TravellingEvent): string {
  return JSON.stringify(event, function (this: Record<string, unknown>, key, value: unknown) {
    const original = this[key];
    return original instanceof Date ? { [DATE]: original.getTime() } : value;
  });
}

/** @throws SyntaxError */
export function decodeEvents(text: string): TravellingEvent[] {
  const hasDates = text.includes(DATE);
  return JSON.parse(text, hasDates ? reviveDate : undefined) as TravellingEvent[];
}

function reviveDate(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const { [DATE]: time } = value as { [DATE]?: number };
  return typeof time === 'number' ? new Date(time) : value;
}
