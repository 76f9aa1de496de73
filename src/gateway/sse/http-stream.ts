import type { Response } from 'express';
import type { CloseReason } from '../contract/close-reasons.js';
import type { ServerEvent } from '../contract/server-events.js';
import { Backlog, CLOSE_GRACE_MS } from '../delivery/backlog.js';
import { HeldTexts } from '../delivery/held-texts.js';
import type { LiveConnection } from '../delivery/live-connection.js';

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
  private flushedAt = performance.now();
  private readonly waiting: (() => void)[] = [];
  private gathered: string[] | null = null;
  private readonly texts = new HeldTexts();
  private readonly backlog: Backlog;
  private readonly pulse: NodeJS.Timeout;

  /** `patienceMs`: a reader that takes nothing for this long is gone. */
  constructor(
    readonly id: string,
    private readonly response: Response,
    private readonly format: StreamFormat,
    private readonly patienceMs: number,
    private readonly onClosed: () => void,
  ) {
    response.status(200);
    response.setHeader('Content-Type', `${format.contentType}; charset=utf-8`);
    response.setHeader('Cache-Control', 'no-store, no-transform');
    response.setHeader('X-Accel-Buffering', 'no');
    response.flushHeaders();
    this.backlog = new Backlog(
      () => ({ events: this.queuedWrites, bytes: this.response.writableLength, held: this.texts.length }),
      () => this.close('slow_consumer'),
    );
    this.pulse = setInterval(() => this.beat(), Math.min(HEARTBEAT_MS, patienceMs)).unref();
    response.on('close', () => {
      clearInterval(this.pulse);
      this.closed();
    });
    response.on('error', () => this.closed());
  }

  /** Tells an event; to a reader that is behind, pieces of text later and joined. */
  send(event: ServerEvent): void {
    if (this.backlog.isBehind && this.texts.hold(event)) return this.backlog.grew();
    for (const piece of this.texts.release(event)) this.onEvent(piece);
    this.onEvent(event);
  }

  write(text: string): void {
    if (!this.isOpen) return;
    if (this.gathered) return void this.gathered.push(text);
    if (this.queuedWrites === 0) this.flushedAt = performance.now();
    this.queuedWrites++;
    this.response.write(text, () => this.flushed());
    this.backlog.grew();
  }

  /** Writes at once what `tell` writes piece by piece. */
  gather(tell: () => void): void {
    this.gathered = [];
    tell();
    this.flushGathered();
  }

  /** Resolves when the reader has taken all that was written, or is gone. Returns whether it is still there. */
  async taken(): Promise<boolean> {
    if (this.isOpen && this.queuedWrites > 0) await new Promise<void>((resolve) => this.waiting.push(resolve));
    return this.isOpen;
  }

  /** Ends the stream after what was written. */
  end(): void {
    if (!this.isOpen) return;
    for (const piece of this.texts.release()) this.onEvent(piece);
    this.flushGathered();
    this.response.end();
    this.closed();
  }

  close(reason: CloseReason): void {
    if (!this.isOpen) return;
    this.response.end(this.format.closing(reason));
    const forget = setTimeout(() => this.response.destroy(), CLOSE_GRACE_MS).unref();
    this.response.on('close', () => clearTimeout(forget));
    this.closed();
  }

  private flushGathered(): void {
    const text = this.gathered?.join('') ?? '';
    this.gathered = null;
    if (text !== '') this.write(text);
  }

  private beat(): void {
    if (this.isOpen && this.queuedWrites === 0) {
      this.flushedAt = performance.now();
      if (this.format.heartbeat !== '') this.write(this.format.heartbeat);
    } else if (performance.now() - this.flushedAt > this.patienceMs) {
      this.response.destroy();
    }
  }

  private flushed(): void {
    this.queuedWrites--;
    this.flushedAt = performance.now();
    if (this.queuedWrites === 0) this.wake();
    if (this.texts.isEmpty || this.backlog.isBehind) return;
    for (const piece of this.texts.release()) this.onEvent(piece);
  }

  private closed(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.backlog.close();
    this.wake();
    this.onClosed();
  }

  private wake(): void {
    for (const resolve of this.waiting.splice(0)) resolve();
  }
}
