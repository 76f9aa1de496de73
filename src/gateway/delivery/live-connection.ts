import type { CloseReason } from '../contract/close-reasons.js';
import type { ServerEvent } from '../contract/server-events.js';

/** One open connection of a person, whatever its wire. */
export interface LiveConnection {
  readonly id: string;
  send(event: ServerEvent): void;
  close(reason: CloseReason): void;
}

/** One kind of wire: knows its connections by the rooms they are in. */
export interface LiveWire {
  readonly name: string;
  /** Sends to everyone in `room` but the connections named in `except`. */
  publish(room: string, event: ServerEvent, except: ReadonlySet<string> | null): void;
  /** Sends once to everyone in any of `rooms` who is not in `exceptRoom`. */
  publishToMany(rooms: readonly string[], event: ServerEvent, exceptRoom: string | null): void;
  /** Takes everyone in `members` out of `room`, at once. */
  takeOut(members: string, room: string): void;
  hasMembers(room: string): boolean;
  /** The names of all rooms that somebody is in. */
  rooms(): Iterable<string>;
  closeRoom(room: string, reason: CloseReason): void;
  closeAll(reason: CloseReason): void;
  /** Connections that are open now, or still have something to send. */
  size(): number;
}
