import { Injectable } from '@nestjs/common';
import type { CloseReason } from '../contract/close-reasons.js';
import type { ServerEvent } from '../contract/server-events.js';
import { LiveHub } from './live-hub.js';
import type { LiveConnection, LiveWire } from './live-connection.js';

/** The wire of connections that are HTTP answers (SSE, NDJSON): rooms kept here. */
@Injectable()
export class StreamWire implements LiveWire {
  readonly name = 'stream';
  private readonly members = new Map<string, Set<LiveConnection>>();
  private readonly roomsOf = new Map<LiveConnection, Set<string>>();

  constructor(hub: LiveHub) {
    hub.register(this);
  }

  join(connection: LiveConnection, room: string): void {
    const members = this.members.get(room) ?? new Set();
    members.add(connection);
    this.members.set(room, members);
    const rooms = this.roomsOf.get(connection) ?? new Set();
    rooms.add(room);
    this.roomsOf.set(connection, rooms);
  }

  /** Takes a connection out of all its rooms; returns them. */
  remove(connection: LiveConnection): string[] {
    const rooms = [...(this.roomsOf.get(connection) ?? [])];
    this.roomsOf.delete(connection);
    for (const room of rooms) {
      const members = this.members.get(room);
      members?.delete(connection);
      if (members?.size === 0) this.members.delete(room);
    }
    return rooms;
  }

  publish(room: string, event: ServerEvent, except: ReadonlySet<string> | null): void {
    const members = this.members.get(room);
    if (!members) return;
    for (const connection of [...members]) if (!except?.has(connection.id)) connection.send(event);
  }

  publishToMany(rooms: readonly string[], event: ServerEvent, exceptRoom: string | null): void {
    const excepted = exceptRoom === null ? undefined : this.members.get(exceptRoom);
    const audience = new Set(rooms.flatMap((room) => [...(this.members.get(room) ?? [])]));
    for (const connection of audience) if (!excepted?.has(connection)) connection.send(event);
  }

  takeOut(members: string, room: string): void {
    for (const connection of this.members.get(members) ?? []) {
      this.members.get(room)?.delete(connection);
      this.roomsOf.get(connection)?.delete(room);
    }
    if (this.members.get(room)?.size === 0) this.members.delete(room);
  }

  hasMembers(room: string): boolean {
    return this.members.has(room);
  }

  rooms(): Iterable<string> {
    return this.members.keys();
  }

  closeRoom(room: string, reason: CloseReason): void {
    for (const connection of [...(this.members.get(room) ?? [])]) connection.close(reason);
  }

  closeAll(reason: CloseReason): void {
    for (const connection of [...this.roomsOf.keys()]) connection.close(reason);
  }

  size(): number {
    return this.roomsOf.size;
  }
}
