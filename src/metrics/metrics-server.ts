import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { describeError } from '../common/errors/describe-error.js';
import { toErrorBody } from '../common/http/error.filter.js';
import { createHttpServerOptions } from '../common/http/http-adapter.js';
import { requestIdOf } from '../common/http/request-id.js';
import { AppConfig } from '../config/app-config.js';
import { MetricsPage } from './metrics-page.js';

/** Serves `/metrics` on METRICS_PORT, where the public does not come. */
@Injectable()
export class MetricsServer implements OnApplicationBootstrap, OnApplicationShutdown {
  private server: Server | null = null;

  constructor(
    private readonly config: AppConfig,
    private readonly page: MetricsPage,
  ) {}

  /** The port in use, or null when there is no server of its own. */
  get port(): number | null {
    return (this.server?.address() as AddressInfo | null)?.port ?? null;
  }

  /** Rejects when the port is taken. */
  async onApplicationBootstrap(): Promise<void> {
    const { ENABLE_METRICS, METRICS_PORT, HOST } = this.config.env;
    if (!ENABLE_METRICS || METRICS_PORT === undefined) return;
    const server = createServer(createHttpServerOptions(), (request, response) => void this.answer(request, response));
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(METRICS_PORT, HOST, resolve));
    this.server = server;
  }

  async onApplicationShutdown(): Promise<void> {
    const { server } = this;
    if (!server) return;
    await new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    });
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const isOurs = request.method === 'GET' && request.url?.split('?', 1)[0] === '/metrics';
      if (!isOurs) return send(response, 404, 'text/plain', 'Only /metrics is here.\n');
      const { contentType, body } = await this.page.answer(request.headers);
      send(response, 200, contentType, body);
    } catch (error) {
      const description = describeError(error);
      send(
        response,
        description.status,
        'application/json',
        JSON.stringify(toErrorBody(description, requestIdOf(request))),
      );
    }
  }
}

function send(response: ServerResponse, status: number, contentType: string, body: string): void {
  response.writeHead(status, { 'Content-Type': contentType, 'Cache-Control': 'no-store' }).end(body);
}
