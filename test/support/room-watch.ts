import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { io, type Socket } from 'socket.io-client';
import type { ChatRoomResponse } from '../../src/chat-rooms/dto/chat-room.response.dto.js';
import { ROOM_EVENTS, type RoomPage, type RoomReplica } from './room-replica.js';
import { wireCall } from './wire-call.js';

export const ROOM_WIRES = ['websocket', 'polling', 'sse', 'rest'] as const;
export type RoomWire = (typeof ROOM_WIRES)[number];

/** `careless`: never says where it stands, and takes what is live for all there is. `gappy`: reads first, looks later. */
export type RoomHabit = 'careful' | 'careless' | 'gappy';

export interface RoomTarget {
  url: string;
  token: string;
  roomId: string;
}

export interface RoomListener {
  /** A connection was told of its removal, and something of the room afterwards. */
  leaked: (name: string) => void;
  /** The person is not in the room. */
  refused: () => void;
}

/** One connection that feeds a replica, from its cursor on, until it ends or is closed. */
export interface RoomWatch {
  readonly over: Promise<void>;
  close(): void;
  /** A command over this connection; null where it takes none, or none came back. */
  command(event: string, payload: object): Promise<Ack | null>;
}

export type Ack = { ok: boolean; error?: { code: string } } & Record<string, unknown>;

const COMMAND_PATIENCE_MS = 3_000;

export function watchRoom(
  wire: RoomWire,
  target: RoomTarget,
  replica: RoomReplica,
  on: RoomListener,
  habit: RoomHabit = 'careful',
): RoomWatch {
  replica.reconnected();
  if (wire === 'sse') return overSse(target, replica, on, habit);
  if (wire === 'rest') return overRest(target, replica, on, habit);
  return overSocketIo(wire, target, replica, on, habit);
}

/** What comes to one connection after it was told of a removal is a leak, until it was let in again. */
class Removal {
  private isOut = false;

  constructor(
    private readonly roomId: string,
    private readonly on: RoomListener,
  ) {}

  hear(name: string, payload: Record<string, unknown>): void {
    if ((payload['chatRoomId'] ?? payload['id']) !== this.roomId) return;
    if (name === 'removedFromChatRoom') this.isOut = true;
    else if (name === 'addedToChatRoom') this.isOut = false;
    else if (this.isOut && (name in ROOM_EVENTS || name === 'userTyping' || name === 'chatUpdated'))
      this.on.leaked(name);
  }
}

function overSocketIo(
  wire: 'websocket' | 'polling',
  { url, token, roomId }: RoomTarget,
  replica: RoomReplica,
  on: RoomListener,
  habit: RoomHabit,
): RoomWatch {
  const socket = io(`${url}/chat`, {
    auth: { token },
    transports: [wire],
    reconnection: false,
    forceNew: true,
    timeout: 5_000,
  });
  const removal = new Removal(roomId, on);
  let isIn = false;
  const { promise: over, resolve: finish } = Promise.withResolvers<void>();
  socket.on('disconnect', () => finish());
  socket.on('connect_error', () => finish());
  socket.onAny((name: string, payload: Record<string, unknown>) => {
    removal.hear(name, payload);
    if (payload['chatRoomId'] !== roomId) return;
    if (name === 'leftChatRoom') isIn = false;
    if (name === 'removedFromChatRoom') {
      on.refused();
      socket.disconnect();
    } else if (isIn) replica.event(name, payload);
  });
  const look = (since: number | null) =>
    socket.emit('joinChatRoom', { chatRoomId: roomId, ...(since === null ? {} : { since }) }, (ack: Ack) => {
      if (!ack.ok) {
        if (ack.error?.code === 'CHAT_ROOM_NOT_FOUND') on.refused();
        return socket.disconnect();
      }
      isIn = true;
      const page = ack as unknown as RoomPage & { chatRoom: ChatRoomResponse };
      if (since === null) replica.cursor = page.head;
      else if (replica.page(page, since)) askForMore(socket, roomId, replica);
    });
  socket.on('connected', () => {
    if (habit === 'careful') return look(replica.cursor);
    if (habit === 'careless') return look(null);
    const since = replica.cursor;
    // What happens between the two is in neither.
    socket.emit('sync', { conversationId: roomId, since }, (ack: Ack) => {
      if (ack.ok) replica.page(ack as unknown as RoomPage, since);
      setTimeout(() => look(null), 20);
    });
  });
  const close = () => {
    socket.disconnect();
    finish();
  };
  const command = async (event: string, payload: object): Promise<Ack | null> => {
    if (event === 'joinChatRoom') {
      if (socket.connected) look(habit === 'careful' ? replica.cursor : null);
      return null;
    }
    if (!isIn) return null;
    const asked = socket.timeout(COMMAND_PATIENCE_MS).emitWithAck(event, payload) as Promise<Ack>;
    // A cut connection answers no more.
    return Promise.race([asked.catch(() => null), over.then(() => null)]);
  };
  return { over, close, command };
}

function askForMore(socket: Socket, roomId: string, replica: RoomReplica): void {
  const since = replica.cursor;
  socket.emit('sync', { conversationId: roomId, since }, (ack: Ack) => {
    if (!ack.ok) return socket.disconnect();
    if (replica.page(ack as unknown as RoomPage, since)) askForMore(socket, roomId, replica);
  });
}

function overSse(
  { url, token, roomId }: RoomTarget,
  replica: RoomReplica,
  on: RoomListener,
  habit: RoomHabit,
): RoomWatch {
  const since = habit === 'careful' ? `?since=${replica.cursor}` : '';
  const call = request(`${url}/sse/chat-rooms/${roomId}/stream${since}`, {
    agent: false,
    headers: { authorization: `Bearer ${token}` },
  });
  const removal = new Removal(roomId, on);
  const { promise: over, resolve: finish } = Promise.withResolvers<void>();
  let rest = '';
  const take = (text: string) => {
    const blocks = (rest + text).split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const fields = new Map(block.split('\n').map((line) => line.split(/: (.*)/s).slice(0, 2) as [string, string]));
      const data = fields.get('data');
      if (data === undefined) continue;
      const name = fields.get('event') ?? 'message';
      const payload = JSON.parse(data) as Record<string, unknown>;
      removal.hear(name, payload);
      if (name === 'removedFromChatRoom') on.refused();
      const id = fields.get('id');
      replica.event(name, payload, id === undefined ? undefined : Number(id.split('.')[0]));
    }
  };
  call.on('response', (response) => {
    if (response.statusCode === 404) on.refused();
    if (response.statusCode !== 200) call.destroy();
    response.setEncoding('utf8').on('data', take).on('close', finish).on('error', finish);
  });
  call.on('error', finish).on('close', finish).end();
  return { over, close: () => call.destroy(), command: () => Promise.resolve(null) };
}

/** Asks again and again, as a client without a live connection. */
function overRest(
  { url, token, roomId }: RoomTarget,
  replica: RoomReplica,
  on: RoomListener,
  habit: RoomHabit,
): RoomWatch {
  let isOpen = true;
  const run = async (): Promise<void> => {
    for (let asked = 0; isOpen && asked < 20; asked++) {
      const since = replica.cursor;
      const path = `/conversations/${roomId}/sync?since=${since}`;
      const { status, text } = await wireCall(url, { method: 'GET', path, token, isAlone: true });
      if (status === 404) return on.refused();
      if (status !== 200) return;
      const page = JSON.parse(text) as RoomPage;
      if (habit === 'careless') replica.cursor = page.head;
      else if (replica.page(page, since)) continue;
      await sleep(30);
    }
  };
  const over = run().catch(() => undefined);
  return { over, close: () => (isOpen = false), command: () => Promise.resolve(null) };
}
