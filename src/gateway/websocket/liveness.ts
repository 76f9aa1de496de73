import type { WebSocket } from 'ws';

/** Finds the connections whose other side is gone without a word: each is asked for a sign of life from time to time. */
export class Liveness {
  private readonly seenAt = new Map<WebSocket, number>();
  private readonly timer: NodeJS.Timeout;

  constructor(
    intervalMs: number,
    private readonly timeoutMs: number,
  ) {
    this.timer = setInterval(() => this.ask(), intervalMs).unref();
  }

  watch(connection: WebSocket): void {
    const seen = () => this.seenAt.set(connection, performance.now());
    seen();
    connection.on('pong', seen);
    connection.on('message', seen);
    connection.on('close', () => this.seenAt.delete(connection));
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private ask(): void {
    const askedAt = performance.now();
    const asked = [...this.seenAt.keys()];
    for (const connection of asked) if (connection.readyState === connection.OPEN) connection.ping();
    setTimeout(() => {
      for (const connection of asked) if ((this.seenAt.get(connection) ?? Infinity) < askedAt) connection.terminate();
    }, this.timeoutMs).unref();
  }
}
