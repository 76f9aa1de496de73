import { WebSocket } from 'ws';

export type Frame = { type: string; content?: string; message?: string };

/** A client of the WebSocket at `/` that remembers all it was told. */
export class PlainClient {
  readonly frames: Frame[] = [];
  closed: { code: number; reason: string } | null = null;
  private readonly watchers = new Set<() => void>();

  private constructor(readonly socket: WebSocket) {
    socket.on('message', (data: Buffer) => {
      this.frames.push(JSON.parse(data.toString()) as Frame);
      this.wake();
    });
    socket.on('close', (code, reason) => {
      this.closed = { code, reason: reason.toString() };
      this.wake();
    });
    socket.on('error', () => undefined);
  }

  static async connect(url: string, path = '/'): Promise<PlainClient> {
    const socket = new WebSocket(url.replace('http', 'ws') + path);
    const client = new PlainClient(socket);
    await new Promise<void>((resolve, reject) => {
      socket.once('open', () => resolve());
      socket.once('error', reject);
    });
    return client;
  }

  say(content: string): void {
    this.send({ type: 'message', content });
  }

  send(frame: unknown): void {
    this.socket.send(typeof frame === 'string' || Buffer.isBuffer(frame) ? frame : JSON.stringify(frame));
  }

  /** Says it and collects the answer up to its `done` or `error`. */
  async ask(frame: unknown): Promise<{ text: string; end: Frame }> {
    const from = this.frames.length;
    if (typeof frame === 'string') this.say(frame);
    else this.send(frame);
    return this.answerFrom(from);
  }

  async answerFrom(from: number): Promise<{ text: string; end: Frame }> {
    const end = await this.until(() => this.frames.slice(from).find(({ type }) => type !== 'chunk'));
    const chunks = this.frames.slice(from, this.frames.indexOf(end, from));
    return { text: chunks.map(({ content }) => content).join(''), end };
  }

  over(): Promise<{ code: number; reason: string }> {
    return this.until(() => this.closed);
  }

  until<T>(find: () => T | undefined | null | false): Promise<T> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`did not come: ${JSON.stringify(this.frames.slice(-5))}`)),
        10_000,
      );
      const watch = () => {
        const found = find();
        if (!found) return;
        clearTimeout(timer);
        this.watchers.delete(watch);
        resolve(found);
      };
      this.watchers.add(watch);
      watch();
    });
  }

  close(): void {
    this.socket.terminate();
  }

  private wake(): void {
    for (const watch of [...this.watchers]) watch();
  }
}
