import type { Namespace, Socket } from 'socket.io';
import type { Actor } from '../../common/actor.js';
import { CLOSE_REASONS, type CloseReason } from '../contract/close-reasons.js';
import type { ServerEventPayloads } from '../contract/server-events.js';
import { CLOSE_GRACE_MS } from '../delivery/backlog.js';
import { dropConnection } from './engine-connection.js';

type ServerEvents = { [N in keyof ServerEventPayloads]: (payload: ServerEventPayloads[N]) => void };
type AnyEvents = Record<string, (...args: unknown[]) => void>;

export interface SocketData {
  actor: Actor;
  /** Chat rooms that the person is in, when the connection opened. */
  chatRooms: number;
  /** Chat rooms that this connection looks at. */
  roomsInView: Set<string>;
  /** Chat rooms that it is being let into: what is said meanwhile comes with the snapshot or after it. */
  roomsOpening: Set<string>;
  /** Counts the connection out of the limits. */
  countOut: () => void;
  /** Commands of the current minute. */
  commands: { windowStart: number; count: number };
}

export type ChatSocket = Socket<AnyEvents, ServerEvents, AnyEvents, SocketData>;
export type ChatNamespace = Namespace<AnyEvents, ServerEvents, AnyEvents, SocketData>;

/**
 * Tells the client why, then closes the whole connection once that is out, or without its doing when it takes too long. A client
 * that is thrown out stays away; one whose server goes loses its connection, and its library looks for another one.
 */
export function closeSocket(socket: ChatSocket, reason: CloseReason): void {
  socket.emit('closing', { reason, message: CLOSE_REASONS[reason] });
  const { conn } = socket;
  if (reason === 'server_shutting_down') conn.close();
  else socket.disconnect(true);
  const forget = setTimeout(() => dropConnection(conn), CLOSE_GRACE_MS).unref();
  conn.once('close', () => clearTimeout(forget));
}
