import type { WebSocket } from 'ws';
import type { Queued } from '../delivery/backlog.js';

interface Packet {
  data?: string | Buffer;
}

/** What we know of a connection of engine.io beyond its public interface: it neither bounds nor shows what a reader has not taken. */
interface EngineConnection {
  writeBuffer: Packet[];
  packetsFn: unknown[];
  transport: { name: string; socket?: WebSocket };
  on(event: 'packetCreate', listener: (packet: Packet) => void): void;
  on(event: 'flush' | 'drain', listener: () => void): void;
  close(discard?: boolean): void;
}

/** Watches what piles up for the reader of one connection. */
export class EngineQueue {
  private bytes = 0;
  private readonly connection: EngineConnection;

  /** `onGrown`: a packet is about to be queued. `onTaken`: packets went to the transport. */
  constructor(connection: unknown, onGrown: () => void, onTaken: () => void) {
    this.connection = connection as EngineConnection;
    this.connection.on('packetCreate', ({ data }) => {
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
