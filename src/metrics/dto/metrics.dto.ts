/** Memory of the process, in bytes. */
export class MemoryUsageResponse {
  rss: number;
  heapTotal: number;
  heapUsed: number;
  external: number;
  arrayBuffers: number;
}

/** The short form of the metrics. */
export class MetricsResponse {
  /** Open live connections: Socket.IO, SSE and WebSocket. */
  activeConnections: number;
  memoryUsage: MemoryUsageResponse;
  /** Seconds since the start of the process. */
  uptime: number;
  timestamp: string;
  environment: string;
  version: string;
}
