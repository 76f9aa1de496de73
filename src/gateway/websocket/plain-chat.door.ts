import type { IncomingMessage } from 'node:http';
import { Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { WebSocketServer, type RawData, type ServerOptions, type WebSocket } from 'ws';
import { EphemeralAnswers } from '../../ai/ephemeral-answers.service.js';
import { ActorResolver } from '../../auth/actor-resolver.service.js';
import type { Actor } from '../../common/actor.js';
import { AppError } from '../../common/errors/app-error.js';
import { describeError } from '../../common/errors/describe-error.js';
import { isUuid, newId } from '../../common/ids.js';
import { AppConfig } from '../../config/app-config.js';
import { ReadinessState } from '../../health/readiness-state.js';
import { MessagesService } from '../../messages/messages.service.js';
import { MetricsService } from '../../metrics/metrics.service.js';
import { SessionsService } from '../../sessions/sessions.service.js';
import type { CloseReason } from '../contract/close-reasons.js';
import { CLOSE_GRACE_MS } from '../delivery/backlog.js';
import { ConnectionLimits } from '../delivery/connection-limits.js';
import { LiveHub } from '../delivery/live-hub.js';
import { StreamWire } from '../delivery/stream-wire.js';
import { WatchService } from '../delivery/watch.service.js';
import { AnonymousConversation, type PlainConversation } from './plain-conversation.js';
import { Liveness } from './liveness.js';
import { readMessage } from './plain-chat.frames.js';
import { PlainSender } from './plain-sender.js';
import { StoredConversation } from './stored-conversation.js';
import { UpgradeRouter } from './upgrade-router.js';

const MAX_FRAME_BYTES = 64 * 1024;
/** A message of 64 KB needs no more of them. */
const MOST_FRAGMENTS = 128;
const MOST_CHUNKS = 1024;

/** The WebSocket at `/`: `{"type":"message","content"}` in; `chunk` …, `done` or `error` out. */
@Injectable()
export class PlainChatDoor implements OnModuleInit, OnModuleDestroy {
  private readonly logger = new Logger(PlainChatDoor.name);
  private readonly server = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_FRAME_BYTES,
    maxFragments: MOST_FRAGMENTS,
    maxBufferedChunks: MOST_CHUNKS,
    closeTimeout: CLOSE_GRACE_MS,
    perMessageDeflate: false,
  } as ServerOptions);
  private readonly senders = new Map<WebSocket, PlainSender>();
  private readonly liveness: Liveness;

  constructor(
    private readonly config: AppConfig,
    private readonly router: UpgradeRouter,
    private readonly limits: ConnectionLimits,
    private readonly actors: ActorResolver,
    private readonly answers: EphemeralAnswers,
    private readonly sessions: SessionsService,
    private readonly messages: MessagesService,
    private readonly watching: WatchService,
    private readonly wire: StreamWire,
    private readonly hub: LiveHub,
    private readonly readiness: ReadinessState,
    private readonly metrics: MetricsService,
  ) {
    this.liveness = new Liveness(config.env.PING_INTERVAL_MS, config.env.PING_TIMEOUT_MS);
  }

  onModuleInit(): void {
    this.router.route('/', (request, socket, head) => {
      // The handshake is answered at once: engine.io destroys what stays silent for a second.
      this.server.handleUpgrade(request, socket, head, (connection) => void this.open(connection, request));
    });
    this.hub.register({
      name: 'websocket',
      publish: () => undefined,
      publishToMany: () => undefined,
      takeOut: () => undefined,
      hasMembers: () => false,
      rooms: () => [],
      closeRoom: () => undefined,
      closeAll: (reason) => this.senders.forEach((sender) => sender.close(reason)),
      size: () => this.server.clients.size,
    });
  }

  onModuleDestroy(): void {
    this.liveness.stop();
    for (const connection of this.server.clients) connection.terminate();
  }

  private async open(connection: WebSocket, request: IncomingMessage): Promise<void> {
    const early: [RawData, boolean][] = [];
    const collect = (data: RawData, isBinary: boolean) => void (early.length < 16 && early.push([data, isBinary]));
    connection.on('message', collect);
    connection.on('error', (error) => this.logger.debug({ msg: 'A WebSocket failed', err: error }));
    this.liveness.watch(connection);
    const sender = new PlainSender(connection);
    this.senders.set(connection, sender);
    connection.on('close', () => this.senders.delete(connection));
    try {
      const conversation = await this.admit(connection, sender, request);
      connection.off('message', collect);
      if (connection.readyState !== connection.OPEN) return conversation.close();
      const listener = this.listen(connection, sender, conversation);
      for (const [data, isBinary] of early) listener(data, isBinary);
    } catch (error) {
      const { message, code } = describeError(error);
      sender.send({ type: 'error', message });
      sender.closeWith(code === 'SERVER_DRAINING' ? 1001 : code === 'TOO_MANY_CONNECTIONS' ? 1013 : 4401, code);
    }
  }

  /** @throws AppError when this connection may not come in */
  private async admit(
    connection: WebSocket,
    sender: PlainSender,
    request: IncomingMessage,
  ): Promise<PlainConversation> {
    if (this.readiness.isDraining) throw new AppError('SERVER_DRAINING');
    const query = new URL(request.url ?? '/', 'http://any').searchParams;
    const actor = await this.authenticate(query);
    const countOut = this.limits.admit(request, actor?.userId ?? null);
    this.metrics.connectionOpened('websocket');
    const leave = () => {
      countOut();
      this.metrics.connectionClosed('websocket');
    };
    // Who left while being let in does not leave again.
    if (connection.readyState === connection.CLOSED) leave();
    else connection.once('close', leave);
    if (!actor)
      return new AnonymousConversation(`anonymous ${newId()}`, this.answers, this.config.env.MAX_HISTORY_LENGTH);
    const sessionId = query.get('sessionId');
    if (sessionId !== null) {
      if (!isUuid(sessionId)) throw new AppError('SESSION_NOT_FOUND');
      await this.sessions.assertOwner(actor.userId, sessionId);
    }
    const expiry = setTimeout(() => sender.close('token_expired'), this.actors.msLeft(actor)).unref();
    connection.on('close', () => clearTimeout(expiry));
    const { sessions, messages, watching, wire } = this;
    const services = { sessions, messages, watching, wire };
    const end = (reason: CloseReason) => sender.close(reason);
    const conversation = new StoredConversation(newId(), actor, services, end, sessionId);
    void this.actors.closeIfOver(actor, () => end('signed_out'));
    return conversation;
  }

  private async authenticate(query: URLSearchParams): Promise<Actor | null> {
    const ticket = query.get('ticket');
    const token = query.get('token');
    if (ticket !== null) return this.actors.redeemTicket(ticket);
    if (token !== null) return this.actors.fromAccessToken(token.replace(/^Bearer\s+/i, ''));
    if (!this.config.allowsAnonymousChat) throw new AppError('UNAUTHORIZED');
    return null;
  }

  private listen(
    connection: WebSocket,
    sender: PlainSender,
    conversation: PlainConversation,
  ): (data: RawData, isBinary: boolean) => void {
    const pace = new ConnectionPace(this.config.env.RATE_LIMIT_MS);
    const listener = {
      chunk: (content: string) => sender.send({ type: 'chunk', content }),
      done: () => sender.send({ type: 'done' }),
      failed: (error: unknown) => this.refuse(sender, error),
    };
    const onMessage = (data: RawData, isBinary: boolean): void => {
      void this.take(data as Buffer, isBinary, conversation, pace, listener);
    };
    connection.on('message', onMessage);
    connection.on('close', () => conversation.close());
    return onMessage;
  }

  private async take(
    data: Buffer,
    isBinary: boolean,
    conversation: PlainConversation,
    pace: ConnectionPace,
    listener: Parameters<PlainConversation['say']>[1],
  ): Promise<void> {
    try {
      const message = readMessage(data, isBinary);
      const takeBack = pace.admit();
      try {
        await conversation.say(message, listener);
      } catch (error) {
        takeBack();
        throw error;
      }
    } catch (error) {
      listener.failed(error);
    }
  }

  private refuse(sender: PlainSender, error: unknown): void {
    const { message, unexpected } = describeError(error);
    if (unexpected) this.logger.error({ msg: 'A message on the plain WebSocket failed', err: error });
    sender.send({ type: 'error', message });
  }
}

/** Keeps the accepted messages of one connection apart; a refused one does not move the window. */
class ConnectionPace {
  private last = -Infinity;

  constructor(private readonly windowMs: number) {}

  /** Returns what takes the admission back. @throws AppError RATE_LIMITED */
  admit(now = performance.now()): () => void {
    const wait = this.last + this.windowMs - now;
    if (wait > 0)
      throw new AppError('RATE_LIMITED', { message: `Wait ${Math.ceil(wait / 1000)} s before the next message.` });
    const before = this.last;
    this.last = now;
    return () => (this.last = before);
  }
}
