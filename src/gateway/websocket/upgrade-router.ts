import { STATUS_CODES, type IncomingMessage, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { isRequestOriginAllowed } from '../../common/http/cors.js';
import { AppConfig } from '../../config/app-config.js';
import { ReadinessState } from '../../health/readiness-state.js';

export type UpgradeHandler = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

/** Socket.IO answers these itself. */
const SOCKET_IO_PATH = '/socket.io/';

/**
 * Hands WebSocket upgrades to the door of their path; unknown paths get 404, foreign origins 403, and
 * everybody 503 while this node leaves, so that a balancer asks another one.
 */
@Injectable()
export class UpgradeRouter implements OnApplicationBootstrap {
  private readonly doors = new Map<string, UpgradeHandler>();

  constructor(
    private readonly host: HttpAdapterHost,
    private readonly config: AppConfig,
    private readonly readiness: ReadinessState,
  ) {}

  /** Gives upgrades of exactly this path to `handler`, which must answer within a second (engine.io's patience). */
  route(path: string, handler: UpgradeHandler): void {
    this.doors.set(path, handler);
  }

  onApplicationBootstrap(): void {
    const server = this.host.httpAdapter.getHttpServer() as Server;
    server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      const [path = '/'] = (request.url ?? '/').split('?', 1);
      if (path.startsWith(SOCKET_IO_PATH)) return;
      const door = this.doors.get(path);
      if (!door) return refuseUpgrade(socket, 404);
      if (!isRequestOriginAllowed(request, this.config)) return refuseUpgrade(socket, 403);
      if (this.readiness.isDraining) return refuseUpgrade(socket, 503);
      door(request, socket, head);
    });
  }
}

/** Answers the request of an upgrade with no more than a status, and ends it. */
export function refuseUpgrade(socket: Duplex, status: 403 | 404 | 503): void {
  socket.on('error', () => undefined);
  const wait = status === 503 ? 'Retry-After: 1\r\n' : '';
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${wait}Connection: close\r\nContent-Length: 0\r\n\r\n`);
}
