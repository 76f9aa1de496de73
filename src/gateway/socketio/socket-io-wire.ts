import { Socket } from 'socket.io';
import type { CloseReason } from '../contract/close-reasons.js';
import type { ServerEvent } from '../contract/server-events.js';
import type { LiveWire } from '../delivery/live-connection.js';
import { closeSocket, type ChatNamespace, type ChatSocket } from './chat-socket.js';
import { RoomBatches } from './room-batches.js';
import { SocketBacklog } from './socket-backlog.js';

/** Socket.IO connections of this node. */
export class SocketIoWire implements LiveWire {
  readonly name = 'socket.io';
  /** Readers that are behind, by socket id. */
  private readonly behind = new Map<string, SocketBacklog>();

  private readonly batches: RoomBatches | null = null;
  private readonly sendPacket: SendPacket | null = null;

  /** `joinsWrites`: what one turn of the event loop makes for a room goes out in one write a member. */
  constructor(
    private readonly namespace: ChatNamespace,
    joinsWrites: boolean,
  ) {
    if (!joinsWrites) return;
    this.batches = new RoomBatches(namespace);
    flushBeforeChanges(namespace, this.batches);
    this.sendPacket = withJoinedAcks(namespace, this.batches);
  }

  /** Bounds what piles up for a socket from now on, and joins its acknowledgements to what else it is told. */
  watch(socket: ChatSocket): void {
    if (this.sendPacket) (socket as unknown as { packet: SendPacket }).packet = this.sendPacket;
    const backlog = new SocketBacklog(socket as { conn: unknown; emit(name: string, payload: unknown): void }, {
      packet: () => this.batches?.before(socket.id),
      behind: () => this.behind.set(socket.id, backlog),
      caughtUp: () => this.behind.delete(socket.id),
      slow: () => closeSocket(socket, 'slow_consumer'),
    });
    socket.on('disconnect', () => {
      backlog.close();
      this.behind.delete(socket.id);
    });
  }

  /** Looks again at the readers that were behind: nothing else may tell that they have caught up. */
  review(): void {
    for (const backlog of [...this.behind.values()]) backlog.review();
  }

  publish(room: string, event: ServerEvent, except: ReadonlySet<string> | null): void {
    const members = this.namespace.adapter.rooms.get(room);
    if (!members) return;
    const held = [...this.behind].flatMap(([id, backlog]) =>
      members.has(id) && !except?.has(id) && backlog.hold(event) ? [id] : [],
    );
    const left = held.length > 0 ? new Set([...(except ?? []), ...held]) : except;
    if (this.batches) return this.batches.add(room, this.encode(event), left);
    const audience = this.namespace.local.to(room);
    (left ? audience.except([...left]) : audience).emit(event.name, event.payload as never);
  }

  publishToMany(rooms: readonly string[], event: ServerEvent, exceptRoom: string | null): void {
    const members = this.namespace.adapter.rooms;
    const left = exceptRoom === null ? undefined : members.get(exceptRoom);
    const [only] = rooms;
    if (only !== undefined && rooms.length === 1) return this.publish(only, event, left ? new Set(left) : null);
    const audience = new Set<string>();
    for (const room of rooms) for (const id of members.get(room) ?? []) if (!left?.has(id)) audience.add(id);
    for (const [id, backlog] of [...this.behind]) if (audience.has(id) && backlog.hold(event)) audience.delete(id);
    if (audience.size === 0) return;
    if (this.batches) return this.batches.addEach(audience, this.encode(event));
    // A socket is in a room of its own id.
    this.namespace.local.to([...audience]).emit(event.name, event.payload as never);
  }

  takeOut(members: string, room: string): void {
    for (const id of [...(this.namespace.adapter.rooms.get(members) ?? [])]) void this.namespace.adapter.del(id, room);
  }

  hasMembers(room: string): boolean {
    return this.namespace.adapter.rooms.has(room);
  }

  rooms(): Iterable<string> {
    return this.namespace.adapter.rooms.keys();
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

  /** A connection counts until its last packet is out, longer than its socket lives. */
  size(): number {
    return (this.namespace.server.engine as { clientsCount: number }).clientsCount;
  }

  private encode(event: ServerEvent): string {
    return `${EVENT}${this.namespace.name},${JSON.stringify([event.name, event.payload])}`;
  }
}

/** Socket.IO's marks of an event and of an acknowledgement. */
const EVENT = 2;
const ACK = 3;

/** How the library hands a packet to its connection; not public. */
type SendPacket = (this: ChatSocket, packet: { type: number; id?: number; data?: unknown }, options?: object) => void;

/** Acknowledgements hold no binary data here. */
function withJoinedAcks(namespace: ChatNamespace, batches: RoomBatches): SendPacket {
  const send = (Socket.prototype as unknown as { packet: SendPacket }).packet;
  return function (packet, options) {
    if (packet.type !== ACK) return send.call(this, packet, options);
    batches.addEach([this.id], `${ACK}${namespace.name},${packet.id}${JSON.stringify(packet.data)}`);
  };
}

/** Who comes gets nothing that was told before, who goes gets all of it. */
function flushBeforeChanges({ adapter }: ChatNamespace, batches: RoomBatches): void {
  const addAll = adapter.addAll.bind(adapter);
  const del = adapter.del.bind(adapter);
  adapter.addAll = (id, rooms) => {
    batches.flush(rooms);
    return addAll(id, rooms);
  };
  adapter.del = (id, room) => {
    batches.flush([room]);
    return del(id, room);
  };
}
