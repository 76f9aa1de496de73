import type { CloseReason } from '../contract/close-reasons.js';
import type { ServerEvent } from '../contract/server-events.js';
import type { LiveWire } from '../delivery/live-connection.js';
import { closeSocket, type ChatNamespace } from './chat-socket.js';

/** Socket.IO connections of this node. */
export class SocketIoWire implements LiveWire {
  readonly name = 'socket.io';

  constructor(private readonly namespace: ChatNamespace) {}

  publish(room: string, event: ServerEvent, except: ReadonlySet<string> | null): void {
    if (!this.hasMembers(room)) return;
    const audience = this.namespace.local.to(room);
    (except ? audience.except([...except]) : audience).emit(event.name, event.payload as never);
  }

  hasMembers(room: string): boolean {
    return this.namespace.adapter.rooms.has(room);
  }

  closeRoom(room: string, reason: CloseReason): void {
    for (const id of [...(this.namespace.adapter.rooms.get(room) ?? [])]) {
      const socket = this.namespace.sockets.get(id);
      if (socket) closeSocket(socket, reason);
    }
  }

  closeAll(reason: CloseReason): void {
    for (const socket of [...this.namespace.sockets.values()]) closeSocket(socket, reason);
  }

  size(): number {
    return this.namespace.sockets.size;
  }
}
