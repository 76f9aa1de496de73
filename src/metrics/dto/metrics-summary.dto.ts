/** Memory of the process, in bytes. */
export class MemoryUsageDto {
  rss: number;
  heapTotal: number;
  heapUsed: number;
  external: number;
  arrayBuffers: number;
}

/** The short form of the metrics. */
export class MetricsSummaryDto {
  /** Open live connections: Socket.IO, SSE and WebSocket. */
  activeConnections: number;
  memoryUsage: MemoryUsageDto;
  /** Seconds since the start of the process. */
  uptime: number;
  timestamp: string;
  environment: string;
  version: string;
}
