import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

const LOOK_EVERY_MS = 200;

/** Spreads connections over the nodes that say they are ready, one after another, as a load balancer without sticky sessions. */
export class Balancer {
  private readonly sockets = new Set<Socket>();
  private ready: string[] = [];
  private turn = 0;
  private looking: Promise<void> | null = null;
  private readonly timer: NodeJS.Timeout;

  private constructor(
    private readonly server: Server,
    /** The addresses of all nodes, whether they are up or not. */
    private readonly nodes: readonly string[],
  ) {
    server.on('connection', (client) => this.forward(client));
    this.timer = setInterval(() => void this.look(), LOOK_EVERY_MS);
  }

  static async start(nodes: readonly string[]): Promise<Balancer> {
    const server = createServer({ noDelay: true, allowHalfOpen: true });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const balancer = new Balancer(server, nodes);
    await balancer.look();
    return balancer;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async look(): Promise<void> {
    this.looking ??= this.lookOnce().finally(() => (this.looking = null));
    await this.looking;
  }

  private async lookOnce(): Promise<void> {
    const answers = await Promise.all(
      this.nodes.map((node) =>
        fetch(`${node}/health/ready`, { signal: AbortSignal.timeout(2_000) }).then(
          ({ ok }) => ok,
          () => false,
        ),
      ),
    );
    this.ready = this.nodes.filter((_, place) => answers[place]);
  }

  private forward(client: Socket): void {
    const node = this.ready[this.turn++ % Math.max(1, this.ready.length)];
    if (node === undefined) return void client.resetAndDestroy();
    const { hostname: host, port } = new URL(node);
    const upstream = connect({ host, port: Number(port), noDelay: true, allowHalfOpen: true });
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      this.sockets.add(socket);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        this.sockets.delete(socket);
        other.destroySoon();
      });
      socket.pipe(other);
    }
  }
}
