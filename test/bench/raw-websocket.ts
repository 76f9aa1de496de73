import { connect, type Socket } from 'node:net';

const OPCODE = { text: 1, close: 8, ping: 9, pong: 10 };
const FINAL = 0x80;
const MASKED = 0x80;
/** One buffer for what all connections read: they are read one after another. */
const READ_BUFFER = Buffer.allocUnsafe(256 * 1024);

/** Sees what one message holds, in place: a copy must be made of what is to be kept. */
export type OnMessage = (buffer: Buffer, start: number, end: number) => void;

/** A WebSocket client that costs next to nothing, so that a load of thousands of messages is not itself what is measured. */
export class RawWebSocket {
  readonly opened: Promise<void>;
  private readonly socket: Socket;
  private rest: Buffer | null = null;
  private isOpen = false;
  private settle: { open: () => void; fail: (error: Error) => void } | undefined;

  constructor(
    port: number,
    path: string,
    private readonly onMessage: OnMessage,
  ) {
    this.opened = new Promise((open, fail) => (this.settle = { open, fail }));
    this.opened.catch(() => undefined);
    const onread = {
      buffer: READ_BUFFER,
      callback: (length: number, buffer: Uint8Array) => {
        this.take(buffer as Buffer, length);
        return true;
      },
    };
    this.socket = connect({ host: '127.0.0.1', port, noDelay: true, onread });
    this.socket.write(
      [
        `GET ${path} HTTP/1.1`,
        `Host: 127.0.0.1:${port}`,
        'Connection: Upgrade',
        'Upgrade: websocket',
        'Sec-WebSocket-Version: 13',
        'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
        '\r\n',
      ].join('\r\n'),
    );
    this.socket.on('error', (error) => this.settle?.fail(error));
    this.socket.on('close', () => this.settle?.fail(new Error('The connection was closed.')));
  }

  send(text: string): void {
    this.write(OPCODE.text, Buffer.from(text));
  }

  close(): void {
    this.socket.destroy();
  }

  private take(buffer: Buffer, length: number): void {
    let data = buffer.subarray(0, length);
    if (this.rest) data = Buffer.concat([this.rest, data]);
    this.rest = null;
    let at = this.isOpen ? 0 : this.readAnswer(data);
    for (;;) {
      const next = this.readFrame(data, at);
      if (next < 0) break;
      at = next;
    }
    if (at < data.length) this.rest = Buffer.from(data.subarray(at));
  }

  /** Returns where the answer to the upgrade ends, 0 while it is not whole. */
  private readAnswer(data: Buffer): number {
    const end = data.indexOf('\r\n\r\n');
    if (end < 0) return 0;
    const status = data.toString('latin1', 0, data.indexOf('\r\n'));
    if (!status.includes(' 101 ')) {
      this.settle?.fail(new Error(status));
      this.socket.destroy();
      return data.length;
    }
    this.isOpen = true;
    this.settle?.open();
    return end + 4;
  }

  /** Returns where the frame at `at` ends, -1 when it is not whole. */
  private readFrame(data: Buffer, at: number): number {
    if (!this.isOpen || data.length - at < 2) return -1;
    let length = data[at + 1]! & 0x7f;
    let start = at + 2;
    if (length === 126) {
      if (data.length - at < 4) return -1;
      length = data.readUInt16BE(start);
      start += 2;
    } else if (length === 127) {
      if (data.length - at < 10) return -1;
      length = Number(data.readBigUInt64BE(start));
      start += 8;
    }
    const end = start + length;
    if (data.length < end) return -1;
    const opcode = data[at]! & 0x0f;
    if (opcode === OPCODE.text) this.onMessage(data, start, end);
    else if (opcode === OPCODE.ping) this.write(OPCODE.pong, data.subarray(start, end));
    else if (opcode === OPCODE.close) this.socket.end();
    return end;
  }

  /** Clients must mask; a mask of zeros is one. */
  private write(opcode: number, payload: Buffer): void {
    const { length } = payload;
    const header = Buffer.alloc(length < 126 ? 6 : 8);
    header[0] = FINAL | opcode;
    if (length < 126) header[1] = MASKED | length;
    else {
      header[1] = MASKED | 126;
      header.writeUInt16BE(length, 2);
    }
    this.socket.write(Buffer.concat([header, payload]));
  }
}
