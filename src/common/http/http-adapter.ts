import { createServer, type ServerOptions } from 'node:http';
import { ExpressAdapter } from '@nestjs/platform-express';

/** How long and how large a connection may be; times in ms. Node's own defaults let half a header stay for 90 s. */
export interface HttpLimits {
  headersTimeout: number;
  requestTimeout: number;
  connectionsCheckingInterval: number;
  keepAliveTimeout: number;
  maxHeaderSize: number;
  maxConnections: number;
}

export const HTTP_LIMITS: HttpLimits = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  connectionsCheckingInterval: 2_000,
  keepAliveTimeout: 5_000,
  maxHeaderSize: 16 * 1024,
  maxConnections: 20_000,
};

/** What `http.createServer` takes to keep the limits (all but `maxConnections`, a property of the server). */
export function createHttpServerOptions(limits: HttpLimits = HTTP_LIMITS): ServerOptions {
  const { headersTimeout, requestTimeout, connectionsCheckingInterval, keepAliveTimeout, maxHeaderSize } = limits;
  return { headersTimeout, requestTimeout, connectionsCheckingInterval, keepAliveTimeout, maxHeaderSize };
}

/** Express whose server is made with our limits: Nest makes it without any, and one of them can only be given then. */
export class LimitedExpressAdapter extends ExpressAdapter {
  constructor(private readonly limits: HttpLimits = HTTP_LIMITS) {
    super();
  }

  override initHttpServer(): void {
    const instance = this.getInstance<Parameters<typeof createServer>[1]>();
    const server = createServer(createHttpServerOptions(this.limits), instance);
    server.maxConnections = this.limits.maxConnections;
    this.httpServer = server;
  }
}
