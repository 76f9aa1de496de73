import { RawWebSocket } from './raw-websocket.js';

/** Packets of engine.io and, within a message, of Socket.IO, as the characters that begin them. */
const ENGINE = { open: 0x30, ping: 0x32, message: 0x34 };
const SOCKET = { connect: 0x30, event: 0x32, ack: 0x33, refused: 0x34 };
const NAMESPACE = '/chat';
const ACK_AFTER = `43${NAMESPACE},`.length;

/** Sees the bytes of each event that comes, in place. */
export type OnEvent = (buffer: Buffer, start: number, end: number) => void;

/** A Socket.IO client of `/chat` that reads events only as bytes. */
export class LoadClient {
  /** Called for each event; set at any time. */
  onEvent: OnEvent = () => undefined;
  private readonly socket: RawWebSocket;
  private readonly acks = new Map<number, (answer: string) => void>();
  private nextAck = 0;
  private settle: { ready: () => void; fail: (error: Error) => void } | undefined;

  private constructor(port: number, token: string) {
    this.socket = new RawWebSocket(port, '/socket.io/?EIO=4&transport=websocket', (buffer, start, end) => {
      const type = buffer[start];
      if (type === ENGINE.open) this.socket.send(`40${NAMESPACE},${JSON.stringify({ token })}`);
      else if (type === ENGINE.ping) this.socket.send('3');
      else if (type === ENGINE.message) this.take(buffer, start, end);
    });
  }

  static async connect(port: number, token: string): Promise<LoadClient> {
    const client = new LoadClient(port, token);
    const ready = new Promise<void>((resolve, fail) => (client.settle = { ready: resolve, fail }));
    client.socket.opened.catch((error: Error) => client.settle?.fail(error));
    await ready;
    return client;
  }

  emit(event: string, payload: unknown): void {
    this.socket.send(`42${NAMESPACE},${JSON.stringify([event, payload])}`);
  }

  /** @throws Error when the server refuses it */
  async ask(event: string, payload: unknown): Promise<Record<string, unknown>> {
    const id = this.nextAck++;
    const answer = await new Promise<string>((resolve) => {
      this.acks.set(id, resolve);
      this.socket.send(`42${NAMESPACE},${id}${JSON.stringify([event, payload])}`);
    });
    const [ack] = JSON.parse(answer) as [Record<string, unknown>];
    if (ack['ok'] !== true) throw new Error(`${event} was refused: ${answer}`);
    return ack;
  }

  close(): void {
    this.socket.close();
  }

  private take(buffer: Buffer, start: number, end: number): void {
    const type = buffer[start + 1];
    if (type === SOCKET.event) return this.onEvent(buffer, start, end);
    if (type === SOCKET.connect) return this.settle?.ready();
    if (type === SOCKET.refused) return this.settle?.fail(new Error(buffer.toString('utf8', start, end)));
    if (type !== SOCKET.ack) return;
    const text = buffer.toString('utf8', start + ACK_AFTER, end);
    const bracket = text.indexOf('[');
    const id = Number(text.slice(0, bracket));
    this.acks.get(id)?.(text.slice(bracket));
    this.acks.delete(id);
  }
}
