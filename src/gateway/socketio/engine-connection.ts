import type { WebSocket } from 'ws';
import type { Queued } from '../delivery/backlog.js';

interface Packet {
  data?: string | Buffer;
}

/** One packet as it goes out: as text for connections that poll, as a whole frame for WebSockets. */
export interface Frame {
  text: string;
  bytes: Buffer;
}

interface RawSocket {
  writableLength: number;
  write(bytes: Buffer): boolean;
}

/** What we know of a connection of engine.io beyond its public interface: it neither bounds nor shows what a reader has not taken. */
interface EngineConnection {
  writeBuffer: Packet[];
  packetsFn: unknown[];
  readyState: string;
  upgrading: boolean;
  transport: { name: string; writable: boolean; socket?: WebSocket & { _socket?: RawSocket } };
  write(data: string, options: { preEncoded: true; wsPreEncodedFrame: [Buffer] }): void;
  on(event: 'packetCreate', listener: (packet: Packet) => void): void;
  on(event: 'flush' | 'drain', listener: () => void): void;
  close(discard?: boolean): void;
}

/** Watches what piles up for the reader of one connection. */
export class EngineQueue {
  private bytes = 0;
  private readonly connection: EngineConnection;

  /** `onPacket`: a packet comes next. `onGrown`: it has to wait. `onTaken`: packets went to the transport. */
  constructor(connection: unknown, onPacket: () => void, onGrown: () => void, onTaken: () => void) {
    this.connection = connection as EngineConnection;
    this.connection.on('packetCreate', ({ data }) => {
      onPacket();
      this.bytes += data?.length ?? 0;
      // Where nothing waits, it goes out at once.
      if (this.connection.writeBuffer.length > 0) onGrown();
    });
    this.connection.on('flush', () => (this.bytes = 0));
    this.connection.on('drain', onTaken);
  }

  get queued(): Queued {
    const { writeBuffer, transport } = this.connection;
    return { events: writeBuffer.length, bytes: this.bytes + (transport.socket?.bufferedAmount ?? 0) };
  }

  /** Forgets what has not gone to the transport yet. */
  clear(): void {
    this.bytes = 0;
    this.connection.writeBuffer.length = 0;
    this.connection.packetsFn.length = 0;
  }
}

/** Ends a connection without waiting for its reader. */
export function dropConnection(connection: unknown): void {
  const { transport } = connection as EngineConnection;
  if (transport.name === 'websocket') transport.socket?.terminate();
  else (connection as EngineConnection).close(true);
}

/** Bytes of a frame's header, by the length of what it holds (RFC 6455, 5.2). */
const SHORT = { most: 125, header: 2 };
const MIDDLE = { most: 0xffff, header: 4 };
const LONG_HEADER = 10;
const TEXT_FRAME = 0x81;
/** engine.io's mark of a message. */
const MESSAGE = 0x34;

/** An unmasked text frame that holds one message of engine.io. */
export function frameOf(text: string): Frame {
  const length = Buffer.byteLength(text) + 1;
  const header = length <= SHORT.most ? SHORT.header : length <= MIDDLE.most ? MIDDLE.header : LONG_HEADER;
  const bytes = Buffer.allocUnsafe(header + length);
  bytes[0] = TEXT_FRAME;
  if (header === SHORT.header) bytes[1] = length;
  else if (header === MIDDLE.header) {
    bytes[1] = SHORT.most + 1;
    bytes.writeUInt16BE(length, 2);
  } else {
    bytes[1] = SHORT.most + 2;
    bytes.writeBigUInt64BE(BigInt(length), 2);
  }
  bytes[header] = MESSAGE;
  bytes.write(text, header + 1);
  return { text, bytes };
}

/**
 * Writes packets in their order; `joined` are all their frames. A WebSocket that keeps up gets them in one write, past
 * engine.io's book-keeping; any other one by one, so that what waits for it is counted as ever.
 */
export function writeFrames(connection: unknown, frames: readonly Frame[], joined: Buffer): void {
  const to = connection as EngineConnection | undefined;
  if (to?.readyState !== 'open') return;
  const raw = to.transport.name === 'websocket' ? to.transport.socket?._socket : undefined;
  if (raw?.writableLength === 0 && to.transport.writable && !to.upgrading && to.writeBuffer.length === 0)
    raw.write(joined);
  else for (const { text, bytes } of frames) to.write(text, { preEncoded: true, wsPreEncodedFrame: [bytes] });
}
