import { EventEmitter } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { serverEvent } from '../contract/server-events.js';
import { SocketBacklog } from './socket-backlog.js';

const MEBIBYTE = 1024 * 1024;

class StalledConnection extends EventEmitter {
  readonly writeBuffer: unknown[] = [];
  readonly packetsFn: unknown[] = [];
  readonly transport = { name: 'websocket', socket: { bufferedAmount: 0 } };

  queue(length: number): void {
    const packet = { data: 'x'.repeat(length) };
    this.writeBuffer.push(packet);
    this.emit('packetCreate', packet);
  }

  takeAll(): void {
    this.writeBuffer.length = 0;
    this.emit('flush');
    this.emit('drain');
  }
}

describe('SocketBacklog', () => {
  const piece = (offset: number, length: number) =>
    serverEvent('message:stream', { messageId: 'm', sessionId: 's', delta: 'x'.repeat(length), offset });

  function stalled() {
    const conn = new StalledConnection();
    const told: [string, unknown][] = [];
    const calls: string[] = [];
    const emit = (name: string, payload: unknown) => void told.push([name, payload]);
    const on = {
      packet: () => undefined,
      behind: () => void calls.push('behind'),
      caughtUp: () => void calls.push('caught up'),
      slow: () => void calls.push('slow'),
    };
    const backlog = new SocketBacklog({ conn, emit }, on);
    conn.queue(0.6 * MEBIBYTE);
    return { conn, told, calls, backlog };
  }

  it('tells a reader that was behind the text that waited, joined', () => {
    const { conn, told, calls, backlog } = stalled();
    backlog.hold(piece(0, 10));
    backlog.hold(piece(10, 20));
    conn.takeAll();
    expect(calls).toEqual(['behind', 'caught up']);
    expect(told).toEqual([['message:stream', piece(0, 30).payload]]);
  });

  it('gives a reader up for which too much text waits', () => {
    const { calls, backlog } = stalled();
    for (let at = 0; at < 40; at++) backlog.hold(piece(at * 0.1 * MEBIBYTE, 0.1 * MEBIBYTE));
    expect(calls).toEqual(['behind', 'slow']);
  });
});
