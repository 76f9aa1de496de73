import { EventEmitter } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import type { WebSocket } from 'ws';
import { PlainSender } from './plain-sender.js';

const MEBIBYTE = 1024 * 1024;

/** A connection whose other side takes what it is sent only when told to. */
class StalledSocket extends EventEmitter {
  readonly OPEN = 1;
  readyState = 1;
  bufferedAmount = 0;
  readonly sent: string[] = [];
  readonly closed: [code: number, reason: string][] = [];
  private readonly taken: (() => void)[] = [];

  send(text: string, onTaken: () => void): void {
    this.sent.push(text);
    this.bufferedAmount += text.length;
    this.taken.push(onTaken);
  }

  close(code: number, reason: string): void {
    this.closed.push([code, reason]);
    this.emit('close');
  }

  takeAll(): void {
    this.bufferedAmount = 0;
    for (const onTaken of this.taken.splice(0)) onTaken();
  }
}

describe('PlainSender', () => {
  const chunk = (length: number) => ({ type: 'chunk' as const, content: 'x'.repeat(length) });

  it('tells a reader that is behind the pieces of an answer joined, once it has caught up', () => {
    const socket = new StalledSocket();
    const sender = new PlainSender(socket as unknown as WebSocket);
    for (const length of [0.6 * MEBIBYTE, 10, 20]) sender.send(chunk(length));
    expect(socket.sent).toHaveLength(1);
    socket.takeAll();
    expect(socket.sent.slice(1)).toEqual([JSON.stringify(chunk(30))]);
  });

  it('closes a reader for which too much text waits', () => {
    const socket = new StalledSocket();
    const sender = new PlainSender(socket as unknown as WebSocket);
    sender.send(chunk(0.6 * MEBIBYTE));
    for (let piece = 0; piece < 40; piece++) sender.send(chunk(0.1 * MEBIBYTE));
    expect(socket.closed).toEqual([[1013, 'slow_consumer']]);
  });
});
