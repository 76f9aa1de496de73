import { ErrorReply, createClient } from '@redis/client';

/** Milliseconds. A command that is not answered by then has failed, and its connection with it. */
export const COMMAND_MS = 500;
const CONNECT_MS = 2_000;
const RETRY_MS = 200;

type Client = ReturnType<typeof connectionTo>;

/** Redis is away: nobody waits for it. */
export class RedisAway extends Error {
  constructor(cause?: unknown) {
    super('Redis does not answer', { cause });
    this.name = 'RedisAway';
  }
}

/**
 * One connection to Redis that comes back by itself. Commands are never kept for later: while there is no connection they fail
 * at once, and one that is not answered in time ends the connection.
 */
export class RedisConnection {
  private client: Client | null = null;
  private timer: NodeJS.Timeout | undefined;
  private isOver = false;

  constructor(
    private readonly url: string,
    private readonly name: string,
  ) {}

  get isUp(): boolean {
    return this.client !== null;
  }

  /** Tries once and goes on trying; never fails. */
  async open(): Promise<void> {
    if (this.isOver) return;
    const client = connectionTo(this.url, this.name);
    client.on('error', () => this.drop(client));
    try {
      await within(CONNECT_MS, client.connect());
      if (this.isOver) return client.destroy();
      this.client = client;
      client.unref();
    } catch {
      destroy(client);
      this.retry();
    }
  }

  /** @throws RedisAway, or Redis' own refusal */
  async run(command: readonly string[], patienceMs = COMMAND_MS): Promise<unknown> {
    const { client } = this;
    if (!client) throw new RedisAway();
    try {
      return await within(patienceMs, client.sendCommand([...command]));
    } catch (error) {
      if (error instanceof ErrorReply) throw error;
      this.drop(client);
      throw new RedisAway(error);
    }
  }

  close(): void {
    this.isOver = true;
    clearTimeout(this.timer);
    if (this.client) destroy(this.client);
    this.client = null;
  }

  private drop(client: Client): void {
    if (this.client !== client) return;
    this.client = null;
    destroy(client);
    this.retry();
  }

  private retry(): void {
    if (this.isOver) return;
    clearTimeout(this.timer);
    // Not all nodes at the same moment.
    this.timer = setTimeout(() => void this.open(), RETRY_MS * (0.5 + Math.random())).unref();
  }
}

function connectionTo(url: string, name: string) {
  return createClient({
    url,
    name,
    RESP: 2,
    disableOfflineQueue: true,
    disableClientInfo: true,
    socket: { connectTimeout: CONNECT_MS, reconnectStrategy: false },
  });
}

function destroy(client: Client): void {
  try {
    client.destroy();
  } catch {
    // It was closed already.
  }
}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not answered within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([work, tooLong]);
  } finally {
    clearTimeout(timer);
  }
}
