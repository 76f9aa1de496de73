import { EventEmitter } from 'node:events';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import type { Response } from 'express';
import { isEvent, serverEvent } from '../contract/server-events.js';
import { HttpStream } from './http-stream.js';

const MEBIBYTE = 1024 * 1024;
const FORMAT = { contentType: 'text/plain', heartbeat: '', closing: (reason: string) => `closing: ${reason}` };

class StalledResponse extends EventEmitter {
  writableLength = 0;
  readonly written: string[] = [];
  last: string | undefined;
  isDestroyed = false;
  private readonly taken: (() => void)[] = [];

  status = () => this;
  setHeader = () => this;
  flushHeaders = () => undefined;

  write(text: string, onTaken: () => void): void {
    this.written.push(text);
    this.writableLength += text.length;
    this.taken.push(onTaken);
  }

  end(text?: string): void {
    this.last = text;
  }

  destroy(): void {
    this.isDestroyed = true;
  }

  takeAll(): void {
    this.writableLength = 0;
    for (const onTaken of this.taken.splice(0)) onTaken();
  }
}

describe('HttpStream', () => {
  const responses: StalledResponse[] = [];
  const piece = (offset: number, length: number) =>
    serverEvent('message:stream', { messageId: 'm', sessionId: 's', delta: 'x'.repeat(length), offset });

  function stalled() {
    const response = new StalledResponse();
    responses.push(response);
    const stream = new HttpStream('id', response as unknown as Response, FORMAT, 60_000, () => undefined);
    stream.onEvent = (event) => isEvent(event, 'message:stream') && stream.write(event.payload.delta);
    stream.send(piece(0, 0.6 * MEBIBYTE));
    return { stream, response };
  }

  afterEach(() => responses.splice(0).forEach((response) => response.emit('close')));

  it('tells a reader that was behind the text that waited, joined', () => {
    const { stream, response } = stalled();
    stream.send(piece(0.6 * MEBIBYTE, 10));
    stream.send(piece(0.6 * MEBIBYTE + 10, 20));
    expect(response.written).toHaveLength(1);
    response.takeAll();
    expect(response.written.slice(1)).toEqual(['x'.repeat(30)]);
  });

  it('closes a reader for which too much text waits', () => {
    const { stream, response } = stalled();
    for (let at = 6; at < 46; at++) stream.send(piece(at * 0.1 * MEBIBYTE, 0.1 * MEBIBYTE));
    expect(response.last).toBe('closing: slow_consumer');
  });

  it('drops a reader that takes nothing of what it was told for as long as its patience', () => {
    jest.useFakeTimers();
    const { response } = stalled();
    jest.advanceTimersByTime(60_000);
    expect(response.isDestroyed).toBe(false);
    jest.advanceTimersByTime(15_000);
    expect(response.isDestroyed).toBe(true);
    jest.useRealTimers();
  });
});
