import { Injectable } from '@nestjs/common';
import type { CloseReason } from '../contract/close-reasons.js';
import type { ServerEvent } from '../contract/server-events.js';
import type { LiveWire } from './live-connection.js';

/** All live connections of this node, over every wire. */
@Injectable()
export class LiveHub {
  private readonly wires: LiveWire[] = [];

  register(wire: LiveWire): void {
    this.wires.push(wire);
  }

  publish(room: string, event: ServerEvent, except: ReadonlySet<string> | null = null): void {
    for (const wire of this.wires) wire.publish(room, event, except);
  }

  /** Sends once to every connection in any of `rooms` that is not in `exceptRoom`. */
  publishToMany(rooms: readonly string[], event: ServerEvent, exceptRoom: string | null = null): void {
    for (const wire of this.wires) wire.publishToMany(rooms, event, exceptRoom);
  }

  /** Takes every connection in `members` out of `room`; it hears nothing of it from now on. */
  takeOut(members: string, room: string): void {
    for (const wire of this.wires) wire.takeOut(members, room);
  }

  hasMembers(room: string): boolean {
    return this.wires.some((wire) => wire.hasMembers(room));
  }

  /** The names of all rooms that somebody is in, over every wire. */
  rooms(): Set<string> {
    return new Set(this.wires.flatMap((wire) => [...wire.rooms()]));
  }

  closeRoom(room: string, reason: CloseReason): void {
    for (const wire of this.wires) wire.closeRoom(room, reason);
  }

  closeAll(reason: CloseReason): void {
    for (const wire of this.wires) wire.closeAll(reason);
  }

  /** Connections of every wire that are open, or still have something to send. */
  size(): number {
    return this.wires.reduce((sum, wire) => sum + wire.size(), 0);
  }
}
