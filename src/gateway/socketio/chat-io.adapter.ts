import { ServerResponse, type IncomingMessage } from 'node:http';
import type { INestApplicationContext } from '@nestjs/common';
import { IoAdapter } from '@nestjs/platform-socket.io';
import type { Server, ServerOptions } from 'socket.io';
import { isRequestOriginAllowed } from '../../common/http/cors.js';
import { AppConfig } from '../../config/app-config.js';
import { ReadinessState } from '../../health/readiness-state.js';
import { CLOSE_GRACE_MS } from '../delivery/backlog.js';
import { refuseUpgrade } from '../websocket/upgrade-router.js';

interface CorsOptions {
  origin: boolean;
  credentials: boolean;
}

/** The largest frame, in bytes, and the most parts that it may come in. */
const MAX_FRAME_BYTES = 64 * 1024;
const MOST_FRAGMENTS = 128;

type Handshake = IncomingMessage & { _query?: { sid?: unknown } };

/** What the public types of engine.io leave out. */
interface Engine {
  ws: { options: object };
  use(middleware: (request: Handshake, response: unknown, next: () => void) => void): void;
  on(
    event: 'connection',
    listener: (connection: { request: IncomingMessage; transport: { closeTimeout?: number } }) => void,
  ): void;
}

/** Socket.IO with our limits. `cors` alone does not hold on the websocket transport, so origins are checked for every request. */
export class ChatIoAdapter extends IoAdapter {
  private readonly config: AppConfig;
  private readonly readiness: ReadinessState;

  constructor(app: INestApplicationContext) {
    super(app);
    this.config = app.get(AppConfig);
    this.readiness = app.get(ReadinessState);
  }

  override createIOServer(port: number, options?: ServerOptions): Server {
    const { config } = this;
    const server = super.createIOServer(port, {
      ...options,
      // A refusal carries no leave to read it either.
      cors: (request: IncomingMessage, decide: (error: null, options: CorsOptions) => void) =>
        decide(null, { origin: isRequestOriginAllowed(request, config), credentials: true }),
      allowRequest: (request: IncomingMessage, decide: (error: string | null, allowed: boolean) => void) => {
        const isAllowed = isRequestOriginAllowed(request, config);
        decide(isAllowed ? null : 'origin not allowed', isAllowed);
      },
      maxHttpBufferSize: MAX_FRAME_BYTES,
      connectTimeout: 10_000,
      pingInterval: config.env.PING_INTERVAL_MS,
      pingTimeout: config.env.PING_TIMEOUT_MS,
      perMessageDeflate: false,
      httpCompression: false,
      allowEIO3: false,
      serveClient: false,
    } as unknown as ServerOptions) as Server;
    const engine = server.engine as unknown as Engine;
    Object.assign(engine.ws.options, { closeTimeout: CLOSE_GRACE_MS, maxFragments: MOST_FRAGMENTS });
    engine.use((request, response, next) => {
      const isNew = request._query?.sid === undefined;
      if (isNew && this.readiness.isDraining) refuseHandshake(request, response);
      else next();
    });
    engine.on('connection', (connection) => {
      connection.request = slimRequest(connection.request);
      connection.transport.closeTimeout = CLOSE_GRACE_MS;
    });
    return server;
  }
}

/** By a status, so that a balancer tries another node, and the library of the client tries again; it gives up after a refusal in words. */
function refuseHandshake(request: Handshake, response: unknown): void {
  if (!(response instanceof ServerResponse)) return refuseUpgrade(request.socket, 503);
  response.writeHead(503, { 'Retry-After': '1', Connection: 'close' }).end();
}

/** The part of the upgrade request that handshakes look at; the whole one is a quarter of an idle connection's memory. */
function slimRequest(request: IncomingMessage): IncomingMessage {
  const { authorization, origin, 'x-forwarded-for': forwarded } = request.headers;
  const { remoteAddress } = request.socket;
  const encrypted = 'encrypted' in request.socket;
  const { _query } = request as IncomingMessage & { _query?: unknown };
  const headers = {
    ...(authorization ? { authorization } : {}),
    ...(origin ? { origin } : {}),
    ...(forwarded ? { 'x-forwarded-for': forwarded } : {}),
  };
  return {
    headers,
    url: request.url,
    socket: { remoteAddress },
    connection: { remoteAddress, encrypted },
    _query,
  } as unknown as IncomingMessage;
}
