import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** `up`: from the client to the server; `down`: from the server to the client. */
export type Direction = 'up' | 'down';

/** What befalls one connection. Nothing that is left out happens. */
export interface Fault {
  /** Both sides see a reset once this many bytes went in a direction; the rest of them never arrives. */
  cutAfter?: Partial<Record<Direction, number>>;
  /** Bytes of a direction are swallowed from this one on; the connection stays open. */
  swallowAfter?: Partial<Record<Direction, number>>;
  /** Bytes a second towards the client. */
  downBytesPerSecond?: number;
  /** Each piece is held back this long, in both directions. */
  delayMs?: number;
}

/** One client's connection through the proxy. */
export class ProxiedConnection {
  readonly bytes: Record<Direction, number> = { up: 0, down: 0 };
  isOpen = true;
  /** Whether this end was of the proxy's making. */
  wasCut = false;

  constructor(
    private readonly client: Socket,
    private readonly server: Socket,
    private readonly fault: Fault,
    private readonly onClosed: () => void,
  ) {
    this.pipe('up', client, server);
    this.pipe('down', server, client);
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      socket.on('error', () => undefined);
      socket.on('end', () => other.end());
      socket.on('close', () => this.closed(other));
    }
  }

  /** Resets both sides. */
  cut(): void {
    this.wasCut = true;
    this.client.resetAndDestroy();
    this.server.resetAndDestroy();
  }

  /** From now on nothing passes in a direction, and nobody is told. */
  swallow(direction: Direction): void {
    this.fault.swallowAfter = { ...this.fault.swallowAfter, [direction]: this.bytes[direction] };
  }

  /** Takes no more bytes of a direction, so that they pile up at their sender. */
  stall(direction: Direction): void {
    (direction === 'up' ? this.client : this.server).pause();
  }

  goOn(direction: Direction): void {
    (direction === 'up' ? this.client : this.server).resume();
  }

  private pipe(direction: Direction, from: Socket, to: Socket): void {
    from.on('data', (data) => {
      const before = this.bytes[direction];
      this.bytes[direction] += data.length;
      const cutAt = this.fault.cutAfter?.[direction];
      const holeAt = this.fault.swallowAfter?.[direction] ?? Infinity;
      const end = Math.min(this.bytes[direction], cutAt ?? Infinity, holeAt);
      const passing = data.subarray(0, Math.max(0, end - before));
      if (passing.length > 0) this.pass(direction, passing, from, to);
      if (cutAt !== undefined && this.bytes[direction] >= cutAt) {
        // What passed is to arrive before the connection goes: a reset throws away what the other side has not read.
        from.pause();
        setImmediate(() => setImmediate(() => this.cut()));
      }
    });
  }

  private pass(direction: Direction, data: Buffer, from: Socket, to: Socket): void {
    const { delayMs = 0, downBytesPerSecond } = this.fault;
    const wait = direction === 'down' && downBytesPerSecond ? (data.length / downBytesPerSecond) * 1000 : delayMs;
    if (wait > 0) {
      from.pause();
      setTimeout(() => {
        if (to.writable) to.write(data);
        from.resume();
      }, wait);
      return;
    }
    if (to.write(data)) return;
    from.pause();
    to.once('drain', () => from.resume());
  }

  private closed(other: Socket): void {
    if (!other.destroyed) other.destroySoon();
    if (!this.isOpen) return;
    this.isOpen = false;
    this.onClosed();
  }
}

/** A TCP proxy in user space that breaks connections as it is told. */
export class FaultProxy {
  /** Connections that are open now, oldest first. */
  readonly open = new Set<ProxiedConnection>();
  /** Connections that the proxy broke so far. */
  cuts = 0;
  /** What befalls the connections to come. */
  fault: () => Fault = () => ({});

  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async start(targetUrl: string): Promise<FaultProxy> {
    const target = new URL(targetUrl);
    // Without half-open ends an SSE client that ends its side would lose the rest.
    const server = createServer({ noDelay: true, allowHalfOpen: true });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const proxy = new FaultProxy(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    server.on('connection', (client) => {
      const upstream = connect({
        port: Number(target.port),
        host: target.hostname,
        noDelay: true,
        allowHalfOpen: true,
      });
      const connection = new ProxiedConnection(client, upstream, { ...proxy.fault() }, () => {
        proxy.open.delete(connection);
        if (connection.wasCut) proxy.cuts++;
      });
      proxy.open.add(connection);
    });
    return proxy;
  }

  /** Resets every open connection. */
  cutAll(): void {
    for (const connection of [...this.open]) connection.cut();
  }

  async stop(): Promise<void> {
    this.cutAll();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
