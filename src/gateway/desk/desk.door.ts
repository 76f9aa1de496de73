import type { IncomingMessage } from 'node:http';
import { Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { WebSocketServer, type RawData, type ServerOptions, type WebSocket } from 'ws';
import { ActorResolver } from '../../auth/actor-resolver.service.js';
import { hasRole, type Actor } from '../../common/actor.js';
import { AppError } from '../../common/errors/app-error.js';
import { describeError, toWireError } from '../../common/errors/describe-error.js';
import { newId } from '../../common/ids.js';
import { RateLimiter } from '../../common/limits/rate-limiter.js';
import { AppConfig } from '../../config/app-config.js';
import { ReadinessState } from '../../health/readiness-state.js';
import { MetricsService } from '../../metrics/metrics.service.js';
import { deskFrame } from '../contract/desk-frames.js';
import { CLOSE_GRACE_MS } from '../delivery/backlog.js';
import { ConnectionLimits } from '../delivery/connection-limits.js';
import { Liveness } from '../websocket/liveness.js';
import { UpgradeRouter } from '../websocket/upgrade-router.js';
import { readCommand, readFrame, readSince, type DeskCommand, type Since } from './desk-commands.js';
import { DeskConnection } from './desk-connection.js';
import { DeskConnections } from './desk-connections.js';
import { DeskFeed } from './desk-feed.js';
import { DeskPresence } from './desk-presence.service.js';
import { DeskSender } from './desk-sender.js';
import { DeskSubscriptions } from './desk-subscriptions.js';

const MAX_FRAME_BYTES = 64 * 1024;
/** A message of 64 KB needs no more of them. */
const MOST_FRAGMENTS = 128;
const MOST_CHUNKS = 1024;
/** How long a connection without a token may take to send one. */
const AUTH_WAIT_MS = 10_000;
const MINUTE_MS = 60_000;
/** What may come while somebody is let in. */
const MOST_EARLY = 16;

/** Who came, and what counts them out. */
interface Visitor {
  request: IncomingMessage;
  leave: () => void;
}

/** The WebSocket at `/ws`, for operators. */
@Injectable()
export class DeskDoor implements OnModuleInit, OnModuleDestroy {
  private readonly logger = new Logger(DeskDoor.name);
  private readonly server = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_FRAME_BYTES,
    maxFragments: MOST_FRAGMENTS,
    maxBufferedChunks: MOST_CHUNKS,
    closeTimeout: CLOSE_GRACE_MS,
    perMessageDeflate: false,
  } as ServerOptions);
  private readonly liveness: Liveness;
  private readonly heartbeat: NodeJS.Timeout;
  private readonly pace: RateLimiter;

  constructor(
    private readonly config: AppConfig,
    private readonly router: UpgradeRouter,
    private readonly limits: ConnectionLimits,
    private readonly actors: ActorResolver,
    private readonly connections: DeskConnections,
    private readonly subscriptions: DeskSubscriptions,
    private readonly feed: DeskFeed,
    private readonly presence: DeskPresence,
    private readonly readiness: ReadinessState,
    private readonly metrics: MetricsService,
  ) {
    const { PING_INTERVAL_MS, PING_TIMEOUT_MS } = config.env;
    this.liveness = new Liveness(PING_INTERVAL_MS, PING_TIMEOUT_MS);
    this.pace = new RateLimiter({ limit: config.limits.commandsPerMinute, windowMs: MINUTE_MS });
    this.heartbeat = setInterval(() => this.beat(), PING_INTERVAL_MS).unref();
  }

  onModuleInit(): void {
    this.router.route('/ws', (request, socket, head) => {
      this.server.handleUpgrade(request, socket, head, (opened) => void this.open(opened, request));
    });
  }

  onModuleDestroy(): void {
    this.liveness.stop();
    clearInterval(this.heartbeat);
    for (const socket of this.server.clients) socket.terminate();
  }

  private async open(socket: WebSocket, request: IncomingMessage): Promise<void> {
    const sender = new DeskSender(socket);
    const connection = new DeskConnection(newId(), sender);
    socket.on('error', (error) => this.logger.debug({ msg: 'A WebSocket of a desk failed', err: error }));
    this.liveness.watch(socket);
    this.connections.add(connection);
    socket.on('close', () => this.closed(connection));
    try {
      if (this.readiness.isDraining) throw new AppError('SERVER_DRAINING');
      const visitor = { request, leave: this.limits.admit(request, null) };
      connection.onClosed(() => visitor.leave());
      this.metrics.connectionOpened('websocket');
      socket.on('close', () => this.metrics.connectionClosed('websocket'));
      // Frames are handled one after another, those that come early too.
      let turn = this.greet(connection, visitor);
      let waiting = 0;
      socket.on('message', (data: RawData, isBinary: boolean) => {
        if (waiting >= MOST_EARLY) return this.refuse(connection, new AppError('RATE_LIMITED'));
        waiting++;
        turn = turn.then(() => this.take(connection, data as Buffer, isBinary, visitor)).finally(() => waiting--);
      });
      await turn;
    } catch (error) {
      this.turnAway(connection, error);
    }
  }

  private closed(connection: DeskConnection): void {
    this.connections.remove(connection);
    this.subscriptions.removeAll(connection);
    this.pace.forget(connection.id);
  }

  /** Lets in who shows a token in the address, and panels without one where they may come; others have to send one. Never throws. */
  private async greet(connection: DeskConnection, visitor: Visitor): Promise<void> {
    try {
      const query = new URL(visitor.request.url ?? '/', 'http://any').searchParams;
      const since = query.get('since') === null ? undefined : readSince(query.get('since'));
      const [ticket, token] = [query.get('ticket'), query.get('token')];
      if (ticket !== null) return await this.admit(connection, await this.actors.redeemTicket(ticket), visitor, since);
      if (token !== null) return await this.admit(connection, await this.actorOf(token), visitor, since);
      if (this.config.env.OPERATOR_WS_ANONYMOUS) return await this.begin(connection, since);
      const patience = setTimeout(() => {
        if (!connection.actor) this.turnAway(connection, new AppError('UNAUTHORIZED'));
      }, AUTH_WAIT_MS).unref();
      connection.onClosed(() => clearTimeout(patience));
    } catch (error) {
      this.turnAway(connection, error);
    }
  }

  private actorOf(token: string): Promise<Actor> {
    return this.actors.fromAccessToken(token.replace(/^Bearer\s+/i, ''));
  }

  /** @throws AppError FORBIDDEN | TOO_MANY_CONNECTIONS */
  private async admit(
    connection: DeskConnection,
    actor: Actor,
    visitor: Visitor,
    since: Since | undefined,
  ): Promise<void> {
    if (!hasRole(actor.role, 'operator')) throw new AppError('FORBIDDEN');
    if (!connection.sender.isOpen) return;
    visitor.leave();
    visitor.leave = this.limits.admit(visitor.request, actor.userId);
    connection.signIn(actor, this.actors.msLeft(actor));
    void this.actors.closeIfOver(actor, () => connection.close('signed_out'));
    void this.presence.arrived(actor.userId);
    await this.begin(connection, since);
  }

  private async begin(connection: DeskConnection, since: Since | undefined): Promise<void> {
    const { id, actor, viewer, sender } = connection;
    const hello = (cursor: string) => {
      const data = { connectionId: id, operatorId: actor?.userId ?? null, role: viewer.role, cursor };
      sender.send(deskFrame('connection_established', data));
    };
    if (since === undefined) this.feed.enter(connection, hello);
    else await this.feed.sync(connection, since, hello);
  }

  /** Never throws. */
  private async take(connection: DeskConnection, data: Buffer, isBinary: boolean, visitor: Visitor): Promise<void> {
    let event: string | undefined;
    try {
      this.pace.enforce(connection.id);
      const frame = readFrame(data, isBinary);
      if (typeof frame['type'] === 'string') event = frame['type'].slice(0, 64);
      await this.handle(connection, readCommand(frame), visitor);
    } catch (error) {
      this.refuse(connection, error, event);
    }
  }

  /** @throws AppError when it is refused */
  private async handle(connection: DeskConnection, command: DeskCommand, visitor: Visitor): Promise<void> {
    if (command.type === 'auth') return this.authenticate(connection, command, visitor);
    const isAnybodyLetIn = connection.actor !== null || this.config.env.OPERATOR_WS_ANONYMOUS;
    if (!isAnybodyLetIn) throw new AppError('UNAUTHORIZED');
    switch (command.type) {
      case 'subscribe_to_chat':
        return this.subscriptions.add(connection, command.chatId);
      case 'unsubscribe_from_chat':
        return this.subscriptions.remove(connection, command.chatId);
      case 'sync':
        return this.feed.sync(connection, command.since, () => undefined);
      case 'ping':
        return connection.sender.send(deskFrame('pong', {}));
      case 'pong':
        return;
    }
  }

  /** The first token lets somebody in, a later one of the same person prolongs their time. */
  private async authenticate(
    connection: DeskConnection,
    { token, since }: Extract<DeskCommand, { type: 'auth' }>,
    visitor: Visitor,
  ): Promise<void> {
    try {
      const actor = await this.actorOf(token);
      if (connection.actor === null) return await this.admit(connection, actor, visitor, since);
      if (connection.actor.userId !== actor.userId) throw new AppError('FORBIDDEN');
      connection.signIn(actor, this.actors.msLeft(actor));
      void this.actors.closeIfOver(actor, () => connection.close('signed_out'));
    } catch (error) {
      // Who is in stays in until the time is over.
      if (connection.actor !== null) throw error;
      this.turnAway(connection, error);
    }
  }

  private refuse(connection: DeskConnection, error: unknown, event?: string): void {
    if (describeError(error).unexpected) this.logger.error({ msg: 'A frame of a desk failed', err: error });
    connection.sender.send(deskFrame('error', { ...toWireError(error), ...(event === undefined ? {} : { event }) }));
  }

  private turnAway(connection: DeskConnection, error: unknown): void {
    const { code } = describeError(error);
    this.refuse(connection, error);
    connection.sender.closeWith(CLOSE_CODE_OF[code] ?? 4401, code);
  }

  private beat(): void {
    const { cursor } = this.feed;
    for (const { sender } of this.connections.live())
      sender.send(deskFrame('ping', cursor === undefined ? {} : { cursor }));
  }
}

const CLOSE_CODE_OF: Partial<Record<string, number>> = {
  SERVER_DRAINING: 1001,
  TOO_MANY_CONNECTIONS: 1013,
  SERVER_BUSY: 1013,
  DATABASE_UNAVAILABLE: 1013,
  INTERNAL: 1011,
  FORBIDDEN: 4403,
};
