import { request } from 'node:http';
import { io, type Socket } from 'socket.io-client';
import type { Replica, SnapshotPage } from './replica.js';

export const WATCH_WIRES = ['websocket', 'polling', 'sse'] as const;
export type WatchWire = (typeof WATCH_WIRES)[number];

export interface WatchTarget {
  /** Of the server, or of a proxy in front of it. */
  url: string;
  token: string;
  sessionId: string;
}

/** One connection that feeds a replica, from its cursor on, until it ends or is closed. */
export interface Watch {
  readonly over: Promise<void>;
  close(): void;
}

/** Watches a session over any wire. `lastEventId`: what the reader's previous SSE connection told last, if it was one. */
export function watchSession(
  wire: WatchWire,
  target: WatchTarget,
  replica: Replica,
  lastEventId: string | null = null,
): Watch & { lastEventId: string | null } {
  replica.reconnected();
  return wire === 'sse'
    ? watchOverSse(target, replica, lastEventId)
    : { ...watchOverSocketIo(wire, target, replica, true), lastEventId: null };
}

/** A reader as plain Socket.IO makes it: it hears what is said while it is connected, and asks for nothing else. */
export function watchWithoutCursor(target: WatchTarget, replica: Replica): Watch {
  return watchOverSocketIo('websocket', target, replica, false);
}

function watchOverSocketIo(
  wire: 'websocket' | 'polling',
  target: WatchTarget,
  replica: Replica,
  hasCursor: boolean,
): Watch {
  const { url, token, sessionId } = target;
  const socket = io(`${url}/chat`, {
    auth: { token },
    transports: [wire],
    reconnection: false,
    forceNew: true,
    timeout: 5000,
  });
  let finish: () => void = () => undefined;
  const over = new Promise<void>((resolve) => (finish = resolve));
  socket.on('disconnect', () => finish());
  socket.on('connect_error', () => finish());
  socket.onAny((name: string, payload: Record<string, unknown>) => {
    if (name.startsWith('message:')) replica.event(name, payload);
  });
  socket.on('connected', () => {
    const since = replica.cursor;
    if (!hasCursor) return void socket.emit('join', { sessionId });
    // A callback and not a promise: what follows in the same packet must not overtake it.
    socket.emit('join', { sessionId, since }, (ack: SnapshotPage & { ok: boolean }) => {
      if (!ack.ok) return socket.disconnect();
      if (replica.page(ack, since)) askForMore(socket, sessionId, replica);
    });
  });
  // A socket that is not connected yet tells nobody that it is closed.
  const close = () => {
    socket.disconnect();
    finish();
  };
  return { over, close };
}

function askForMore(socket: Socket, sessionId: string, replica: Replica): void {
  const since = replica.cursor;
  socket.emit('sync', { conversationId: sessionId, since }, (ack: SnapshotPage & { ok: boolean }) => {
    if (!ack.ok) return socket.disconnect();
    if (replica.page(ack, since)) askForMore(socket, sessionId, replica);
  });
}

function watchOverSse(
  { url, token, sessionId }: WatchTarget,
  replica: Replica,
  lastEventId: string | null,
): Watch & { lastEventId: string | null } {
  const query = lastEventId === null ? `?since=${replica.position}` : '';
  const call = request(`${url}/sse/sessions/${sessionId}/stream${query}`, {
    agent: false,
    headers: { authorization: `Bearer ${token}`, ...(lastEventId === null ? {} : { 'last-event-id': lastEventId }) },
  });
  let finish: () => void = () => undefined;
  const watch = {
    lastEventId,
    over: new Promise<void>((resolve) => (finish = resolve)),
    close: () => call.destroy(),
  };
  let rest = '';
  const take = (text: string) => {
    const blocks = (rest + text).split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const field = (name: string) =>
        block
          .split('\n')
          .find((line) => line.startsWith(`${name}: `))
          ?.slice(name.length + 2);
      const data = field('data');
      const id = field('id');
      if (data === undefined) continue;
      const name = field('event') ?? 'message';
      const payload = JSON.parse(data) as Record<string, unknown>;
      replica.event(name, payload, id === undefined ? undefined : Number(id.split('.')[0]));
      if (id !== undefined) watch.lastEventId = id;
    }
  };
  call.on('response', (response) => {
    if (response.statusCode !== 200) call.destroy();
    response.setEncoding('utf8').on('data', take).on('close', finish).on('error', finish);
  });
  call.on('error', finish).on('close', finish).end();
  return watch;
}
