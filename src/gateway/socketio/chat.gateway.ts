import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { WebSocketGateway, type OnGatewayConnection, type OnGatewayInit } from '@nestjs/websockets';
import { ActorResolver } from '../../auth/actor-resolver.service.js';
import { ChatRoomsService } from '../../chat-rooms/chat-rooms.service.js';
import { AppError } from '../../common/errors/app-error.js';
import { toWireError } from '../../common/errors/describe-error.js';
import { AppConfig } from '../../config/app-config.js';
import { ReadinessState } from '../../health/readiness-state.js';
import { MetricsService } from '../../metrics/metrics.service.js';
import { conversationRoom, signInRoom, userRoom } from '../contract/room-names.js';
import { ConnectionLimits } from '../delivery/connection-limits.js';
import { LiveHub } from '../delivery/live-hub.js';
import { PresenceService } from '../delivery/presence.service.js';
import type { RenewedAck } from '../dto/acks.dto.js';
import { AiCommands } from './ai-commands.js';
import { closeSocket, type ChatNamespace, type ChatSocket } from './chat-socket.js';
import { CommandDispatcher } from './command-dispatcher.js';
import { RoomViewCommands } from './room-view-commands.js';
import { SocketIoWire } from './socket-io-wire.js';

/** Between two looks at who has expired or caught up. */
const CHECK_MS = 1_000;

/** Live connections of people: authenticates them and keeps them honest. What they say goes to the dispatcher. */
@Injectable()
@WebSocketGateway({ namespace: '/chat' })
export class ChatGateway
  implements OnGatewayInit<ChatNamespace>, OnGatewayConnection<ChatSocket>, OnApplicationBootstrap, OnModuleDestroy
{
  private namespace: ChatNamespace | undefined;
  private wire: SocketIoWire | undefined;
  private readonly timer = setInterval(() => this.check(), CHECK_MS).unref();

  constructor(
    private readonly config: AppConfig,
    private readonly limits: ConnectionLimits,
    private readonly actors: ActorResolver,
    private readonly hub: LiveHub,
    private readonly dispatcher: CommandDispatcher,
    private readonly aiCommands: AiCommands,
    private readonly roomViews: RoomViewCommands,
    private readonly rooms: ChatRoomsService,
    private readonly presence: PresenceService,
    private readonly readiness: ReadinessState,
    private readonly metrics: MetricsService,
  ) {}

  afterInit(namespace: ChatNamespace): void {
    this.namespace = namespace;
    this.wire = new SocketIoWire(namespace, this.config.env.JOIN_SOCKET_WRITES);
    this.hub.register(this.wire);
    this.dispatcher.register({
      event: 'auth:refresh',
      handle: async ({ token }, { socket }) => this.renew(socket, token),
    });
    namespace.use((socket, next) => {
      this.admit(socket).then(
        () => next(),
        (error: unknown) => {
          const described = toWireError(error);
          next(Object.assign(new Error(described.message), { data: described }));
        },
      );
    });
  }

  onApplicationBootstrap(): void {
    this.dispatcher.assertComplete();
  }

  handleConnection(socket: ChatSocket): void {
    const { actor, chatRooms } = socket.data;
    this.wire?.watch(socket);
    void socket.join([userRoom(actor.userId), signInRoom(actor.signInId)]);
    void this.actors.closeIfOver(actor, () => closeSocket(socket, 'signed_out'));
    this.metrics.connectionOpened('socketio');
    let conversations: string[] = [];
    socket.on('disconnecting', () => (conversations = conversationsOf(socket)));
    socket.on('disconnect', () => {
      this.metrics.connectionClosed('socketio');
      socket.data.countOut();
      this.aiCommands.disconnected(socket, conversations);
      this.roomViews.disconnected(socket, conversations);
      this.presence.disconnected(actor.userId);
    });
    this.dispatcher.attach(socket);
    socket.emit('connected', { userId: actor.userId, userRole: actor.role, chatRooms, connectionId: socket.id });
    this.presence.connected(actor.userId);
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  /** @throws AppError when this connection may not come in */
  private async admit(socket: ChatSocket): Promise<void> {
    if (this.readiness.isDraining) throw new AppError('SERVER_DRAINING');
    const actor = await this.actors.fromAccessToken(tokenOf(socket));
    const { length: chatRooms } = await this.rooms.roomsOf(actor.userId);
    const countOut = this.limits.admit(socket.request, actor.userId);
    // A client that leaves during the handshake is never connected, so it never disconnects either.
    if (socket.conn.readyState === 'closed') countOut();
    else socket.conn.once('close', countOut);
    socket.data = {
      actor,
      countOut,
      chatRooms,
      roomsInView: new Set(),
      roomsOpening: new Set(),
      commands: { windowStart: performance.now(), count: 0 },
    };
  }

  /** A newer token of the same person keeps the socket alive. */
  private async renew(socket: ChatSocket, token: string): Promise<RenewedAck> {
    const actor = await this.actors.fromAccessToken(token);
    const before = socket.data.actor;
    if (actor.userId !== before.userId) throw new AppError('FORBIDDEN', { message: 'The token is of another person.' });
    if (actor.signInId !== before.signInId) {
      await socket.leave(signInRoom(before.signInId));
      await socket.join(signInRoom(actor.signInId));
    }
    socket.data.actor = actor;
    return { expiresAt: new Date(actor.expiresAt).toISOString() };
  }

  private check(): void {
    for (const socket of [...(this.namespace?.sockets.values() ?? [])])
      if (this.actors.msLeft(socket.data.actor) === 0) closeSocket(socket, 'token_expired');
    this.wire?.review();
  }
}

function tokenOf(socket: ChatSocket): string {
  const given: unknown =
    (socket.handshake.auth as Record<string, unknown>)['token'] ?? socket.handshake.headers.authorization;
  if (typeof given !== 'string' || given === '') throw new AppError('UNAUTHORIZED');
  return given.replace(/^Bearer\s+/i, '');
}

function conversationsOf(socket: ChatSocket): string[] {
  const prefix = conversationRoom('');
  return [...socket.rooms].filter((room) => room.startsWith(prefix)).map((room) => room.slice(prefix.length));
}
