import { createServer, type IncomingMessage, type RequestListener, type ServerOptions } from 'node:http';
import { ExpressAdapter } from '@nestjs/platform-express';

/** How long and how large a connection may be; times in ms. Node's own defaults let half a header stay for 90 s. */
export interface HttpLimits {
  headersTimeout: number;
  requestTimeout: number;
  connectionsCheckingInterval: number;
  keepAliveTimeout: number;
  /** Bytes of all header fields together. */
  maxHeaderSize: number;
  /** Bytes of the request line. */
  maxRequestLine: number;
  maxConnections: number;
}

export const HTTP_LIMITS: HttpLimits = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  connectionsCheckingInterval: 2_000,
  keepAliveTimeout: 5_000,
  maxHeaderSize: 16 * 1024,
  // Some dialects ask in the query: 10 000 UTF-16 units are up to 90 000 bytes there.
  maxRequestLine: 96 * 1024,
  maxConnections: 20_000,
};

/** What `http.createServer` takes to keep the limits; Node counts the request line and the header fields together. */
export function createHttpServerOptions(limits: HttpLimits = HTTP_LIMITS): ServerOptions {
  const { headersTimeout, requestTimeout, connectionsCheckingInterval, keepAliveTimeout } = limits;
  const maxHeaderSize = limits.maxHeaderSize + limits.maxRequestLine;
  return { headersTimeout, requestTimeout, connectionsCheckingInterval, keepAliveTimeout, maxHeaderSize };
}

/** Express whose server is made with our limits: Nest makes it without any, and one of them can only be given then. */
export class LimitedExpressAdapter extends ExpressAdapter {
  constructor(private readonly limits: HttpLimits = HTTP_LIMITS) {
    super();
  }

  override initHttpServer(): void {
    const handle = this.getInstance<RequestListener>();
    const server = createServer(createHttpServerOptions(this.limits), (request, response) => {
      if (headerBytes(request) <= this.limits.maxHeaderSize) return handle(request, response);
      response.writeHead(431, { Connection: 'close' }).end();
    });
    server.maxConnections = this.limits.maxConnections;
    this.httpServer = server;
  }
}

/** As they came: each field has a colon, a blank and a line break besides. */
function headerBytes({ rawHeaders }: IncomingMessage): number {
  return rawHeaders.reduce((bytes, text) => bytes + text.length + 2, 0);
}
