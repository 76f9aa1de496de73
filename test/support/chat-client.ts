import { io, type Socket } from 'socket.io-client';

export interface Received {
  event: string;
  payload: Record<string, unknown>;
}

export type Ack = { ok: boolean; error?: { code: string; message: string; details?: unknown }; [key: string]: unknown };

const PATIENCE_MS = 10_000;

/** A Socket.IO client of `/chat` that remembers all it was told. */
export class ChatClient {
  readonly received: Received[] = [];
  private readonly watchers = new Set<() => void>();

  private constructor(readonly socket: Socket) {
    socket.onAny((event: string, payload: Record<string, unknown>) => {
      this.received.push({ event, payload });
      for (const watch of this.watchers) watch();
    });
    socket.on('disconnect', (reason) => {
      this.received.push({ event: 'disconnect', payload: { reason } });
      for (const watch of this.watchers) watch();
    });
  }

  /** Resolves once the server said `connected`; rejects with the server's error and its `data`. */
  static async connect(url: string, token: string, options: object = {}): Promise<ChatClient> {
    const socket = io(`${url}/chat`, {
      auth: { token },
      transports: ['websocket'],
      reconnection: false,
      forceNew: true,
      ...options,
    });
    const client = new ChatClient(socket);
    await new Promise<void>((resolve, reject) => {
      setTimeout(() => reject(new Error('The socket did not connect')), PATIENCE_MS).unref();
      socket.once('connected', () => resolve());
      socket.once('connect_error', reject);
    });
    return client;
  }

  /** Sends a command and waits for its ack. */
  command(event: string, payload?: unknown): Promise<Ack> {
    return this.socket.timeout(PATIENCE_MS).emitWithAck(event, payload) as Promise<Ack>;
  }

  /** The first event, past or to come, that fits. */
  async event(
    name: string,
    fits: (payload: Record<string, unknown>) => boolean = () => true,
  ): Promise<Record<string, unknown>> {
    return (await this.until(() => this.received.find(({ event, payload }) => event === name && fits(payload)), name))
      .payload;
  }

  all(name: string): Record<string, unknown>[] {
    return this.received.filter(({ event }) => event === name).map(({ payload }) => payload);
  }

  /** Waits until `find` finds something. */
  until<T>(find: () => T | undefined | false | null, what: string): Promise<T> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.watchers.delete(watch);
        reject(new Error(`${what} did not come; received: ${this.received.map(({ event }) => event).join(', ')}`));
      }, PATIENCE_MS);
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
    this.socket.disconnect();
  }
}
