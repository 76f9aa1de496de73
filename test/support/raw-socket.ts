import { once } from 'node:events';
import { WebSocket } from 'ws';

const PATIENCE_MS = 5_000;

/** A Socket.IO client that sends whatever text it is told, also what no library would. Engine.IO 4 over WebSocket. */
export class RawSocket {
  readonly frames: string[] = [];
  /** The code that the connection was closed with. */
  readonly closed: Promise<number>;
  private readonly watchers = new Set<() => void>();

  private constructor(readonly socket: WebSocket) {
    this.closed = new Promise((resolve) => socket.once('close', (code) => resolve(code)));
    socket.on('error', () => undefined);
    socket.on('message', (data: Buffer) => {
      const frame = data.toString();
      if (frame === '2') return socket.send('3');
      this.frames.push(frame);
      for (const watch of this.watchers) watch();
    });
  }

  /** Opens the connection, without entering any namespace. */
  static async open(url: string, headers: Record<string, string> = {}): Promise<RawSocket> {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`, { headers });
    const raw = new RawSocket(socket);
    await once(socket, 'open');
    return raw;
  }

  /** Opens the connection and enters `/chat`. */
  static async enter(url: string, token: string): Promise<RawSocket> {
    const raw = await RawSocket.open(url);
    raw.send(`40/chat,${JSON.stringify({ token })}`);
    await raw.next((frame) => frame.startsWith('42/chat,["connected"'));
    return raw;
  }

  send(frame: string | Buffer): void {
    this.socket.send(frame);
  }

  /** The first frame, past or to come, that fits. */
  next(fits: (frame: string) => boolean): Promise<string> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.watchers.delete(watch);
        reject(new Error(`No such frame came; there were: ${this.frames.join(' ').slice(0, 500)}`));
      }, PATIENCE_MS);
      const watch = () => {
        const found = this.frames.find(fits);
        if (found === undefined) return;
        clearTimeout(timer);
        this.watchers.delete(watch);
        resolve(found);
      };
      this.watchers.add(watch);
      watch();
    });
  }

  /** Sends a command with an ack of this number and waits for it. */
  async command(id: number, args: string): Promise<unknown> {
    this.send(`42/chat,${id}${args}`);
    const frame = await this.next((text) => text.startsWith(`43/chat,${id}[`));
    return (JSON.parse(frame.slice(`43/chat,${id}`.length)) as unknown[])[0];
  }

  close(): void {
    this.socket.terminate();
  }
}
