import { WebSocket } from 'ws';
import type { DeskFrame, DeskFrameData, DeskFrameType } from '../../src/gateway/contract/desk-frames.js';

type Data<T extends DeskFrameType> = DeskFrameData<T>;

const PATIENCE_MS = 15_000;

/** A client of `/ws` that remembers all it was told. */
export class DeskSocket {
  readonly frames: DeskFrame[] = [];
  closed: { code: number; reason: string } | null = null;
  private readonly watchers = new Set<() => void>();

  private constructor(readonly socket: WebSocket) {
    socket.on('message', (data: Buffer) => {
      this.frames.push(JSON.parse(data.toString()) as DeskFrame);
      this.wake();
    });
    socket.on('close', (code, reason) => {
      this.closed = { code, reason: reason.toString() };
      this.wake();
    });
    socket.on('error', () => undefined);
  }

  /** Connects; `query` as `token=…`. */
  static async open(url: string, query = ''): Promise<DeskSocket> {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/ws${query === '' ? '' : `?${query}`}`);
    const client = new DeskSocket(socket);
    await new Promise<void>((resolve, reject) => {
      socket.once('open', () => resolve());
      socket.once('error', reject);
    });
    return client;
  }

  /** Connects with a token and waits until it is let in. */
  static async enter(url: string, token: string | null, since?: string): Promise<DeskSocket> {
    const query = `token=${token}${since === undefined ? '' : `&since=${encodeURIComponent(since)}`}`;
    const client = await DeskSocket.open(url, query);
    await client.next('connection_established');
    return client;
  }

  /** The newest cursor that it was told. */
  get cursor(): string | undefined {
    for (const frame of [...this.frames].reverse()) {
      if ('cursor' in frame && frame.cursor !== undefined) return frame.cursor;
      if ('cursor' in frame.data && frame.data.cursor !== undefined) return frame.data.cursor;
    }
    return undefined;
  }

  all<T extends DeskFrameType>(type: T, chatId?: string): Data<T>[] {
    const isMeant = ({ data }: DeskFrame) => chatId === undefined || ('chatId' in data && data.chatId === chatId);
    return this.frames.filter((frame) => frame.type === type && isMeant(frame)).map(({ data }) => data as Data<T>);
  }

  /** Everything about one chat. */
  about(chatId: string): DeskFrame[] {
    return this.frames.filter(({ data }) => 'chatId' in data && data.chatId === chatId);
  }

  texts(chatId: string): string[] {
    return this.all('new_message', chatId).map(({ message }) => message.text);
  }

  send(frame: unknown): void {
    this.socket.send(typeof frame === 'string' || Buffer.isBuffer(frame) ? frame : JSON.stringify(frame));
  }

  /** The first one, past or to come, that fits. */
  next<T extends DeskFrameType>(type: T, fits: (data: Data<T>) => boolean = () => true): Promise<Data<T>> {
    return this.until<Data<T>>(() => this.all(type).find(fits) ?? null);
  }

  over(): Promise<{ code: number; reason: string }> {
    return this.until(() => this.closed);
  }

  /** Waits until everything that was sent to it before now has come. */
  async caughtUp(): Promise<void> {
    const before = this.all('pong').length;
    this.send({ type: 'ping' });
    await this.until(() => this.all('pong').length > before);
  }

  until<T>(find: () => T | undefined | null | false): Promise<T> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`did not come: ${JSON.stringify(this.frames.slice(-5)).slice(0, 2000)}`)),
        PATIENCE_MS,
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
