import { CONNECTION_EVENTS, STREAM_EVENTS } from './connection-events.js';
import type { PayloadsOf } from './entries.js';
import { ROOM_EVENTS } from './room-events.js';
import { SESSION_EVENTS } from './session-events.js';

/** Everything the server says on its own, the same on every native wire; what is not in here cannot be said. */
export const SERVER_EVENTS = { ...CONNECTION_EVENTS, ...STREAM_EVENTS, ...SESSION_EVENTS, ...ROOM_EVENTS };

export type ServerEventPayloads = PayloadsOf<typeof SERVER_EVENTS>;

export type ServerEventName = keyof ServerEventPayloads;

/** Where an event stands in its conversation: the number it brings the reader to, and how far the running text goes. */
export interface Position {
  seq: number;
  offset: number;
}

/** One event on its way out. */
export interface ServerEvent<N extends ServerEventName = ServerEventName> {
  readonly name: N;
  readonly payload: ServerEventPayloads[N];
  readonly position?: Position;
}

export function serverEvent<N extends ServerEventName>(
  name: N,
  payload: ServerEventPayloads[N],
  position?: Position,
): ServerEvent<N> {
  return { name, payload, ...(position ? { position } : {}) };
}

export function isEvent<N extends ServerEventName>(event: ServerEvent, name: N): event is ServerEvent<N> {
  return event.name === name;
}
