import type { Response } from 'express';
import type { CloseReason } from '../contract/close-reasons.js';
import type { ServerEvent } from '../contract/server-events.js';
import type { LiveConnection } from '../delivery/live-connection.js';

/** A reader that lets this much pile up is closed; it resumes from its cursor. */
const MOST_QUEUED_WRITES = 256;
const MOST_QUEUED_BYTES = 1024 * 1024;

export interface StreamFormat {
  contentType: string;
  /** Sent every 15 s so that nobody in between believes the connection dead; empty: nothing is. */
  heartbeat: string;
  /** What a stream says last when the server ends it. */
  closing: (reason: CloseReason) => string;
}

const HEARTBEAT_MS = 15_000;

/** An HTTP answer that stays open. */
export class HttpStream implements LiveConnection {
  /** What becomes of an event; set before the stream joins a room. */
  onEvent: (event: ServerEvent) => void = () => undefined;
  private isOpen = true;
  private queuedWrites = 0;
  private readonly heartbeat: NodeJS.Timeout | null;

  constructor(
    readonly id: string,
    private readonly response: Response,
    private readonly format: StreamFormat,
    private readonly onClosed: () => void,
  ) {
    response.status(200);
    response.setHeader('Content-Type', `${format.contentType}; charset=utf-8`);
    response.setHeader('Cache-Control', 'no-store, no-transform');
    response.setHeader('X-Accel-Buffering', 'no');
    response.flushHeaders();
    this.heartbeat =
      format.heartbeat === '' ? null : setInterval(() => this.write(format.heartbeat), HEARTBEAT_MS).unref();
    response.on('drain', () => (this.queuedWrites = 0));
    response.on('close', () => this.closed());
    response.on('error', () => this.closed());
  }

  send(event: ServerEvent): void {
    this.onEvent(event);
  }

  write(text: string): void {
    if (!this.isOpen || this.response.write(text)) return;
    this.queuedWrites++;
    if (this.queuedWrites > MOST_QUEUED_WRITES || this.response.writableLength > MOST_QUEUED_BYTES)
      this.close('slow_consumer');
  }

  /** Ends the stream after what was written. */
  end(): void {
    if (!this.isOpen) return;
    this.response.end();
    this.closed();
  }

  close(reason: CloseReason): void {
    if (!this.isOpen) return;
    if (reason === 'slow_consumer') {
      this.response.destroy();
    } else {
      this.response.end(this.format.closing(reason));
    }
    this.closed();
  }

  private closed(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    if (this.heartbeat) clearInterval(this.heartbeat);
    this.onClosed();
  }
}
