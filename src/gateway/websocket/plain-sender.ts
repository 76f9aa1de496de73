import type { WebSocket } from 'ws';
import type { CloseReason } from '../contract/close-reasons.js';
import type { PlainFrame } from '../contract/stream-frames.js';
import { Backlog, CLOSE_GRACE_MS } from '../delivery/backlog.js';
import { CLOSE_CODE } from './close-codes.js';

/** What is said on one plain connection; a reader that is behind gets pieces of an answer later and joined. */
export class PlainSender {
  private queued = 0;
  private held = '';
  private readonly backlog: Backlog;

  constructor(private readonly connection: WebSocket) {
    this.backlog = new Backlog(
      () => ({ events: this.queued, bytes: connection.bufferedAmount, held: this.held.length }),
      () => this.close('slow_consumer'),
    );
    connection.on('close', () => this.backlog.close());
  }

  send(frame: PlainFrame): void {
    if (frame.type === 'chunk' && this.backlog.isBehind) {
      this.held += frame.content;
      return this.backlog.grew();
    }
    this.tellHeld();
    this.write(frame);
  }

  close(reason: CloseReason): void {
    this.closeWith(CLOSE_CODE[reason], reason);
  }

  /** Closes with what was sent before; a reader that takes nothing does not take the close frame either. */
  closeWith(code: number, reason: string): void {
    const forget = setTimeout(() => this.connection.terminate(), CLOSE_GRACE_MS).unref();
    this.connection.on('close', () => clearTimeout(forget));
    this.connection.close(code, reason);
  }

  private write(frame: PlainFrame): void {
    if (this.connection.readyState !== this.connection.OPEN) return;
    this.queued++;
    this.connection.send(JSON.stringify(frame), () => this.taken());
    this.backlog.grew();
  }

  private taken(): void {
    this.queued--;
    if (!this.backlog.isBehind) this.tellHeld();
  }

  private tellHeld(): void {
    const content = this.held;
    this.held = '';
    if (content !== '') this.write({ type: 'chunk', content });
  }
}
