import type { WebSocket } from 'ws';
import type { CloseReason } from '../contract/close-reasons.js';
import { deskFrame, type DeskFrame, type DeskFrameData } from '../contract/desk-frames.js';
import { Backlog, CLOSE_GRACE_MS } from '../delivery/backlog.js';
import { CLOSE_CODE } from '../websocket/close-codes.js';

type Delta = DeskFrameData<'message_delta'>;

/** From this many frames on, a reader that catches up is given time to take them. */
const MANY = 64;

/** What is said on one connection of a desk; a reader that is behind gets the assistant's words later and joined. */
export class DeskSender {
  private queued = 0;
  /** By chat: one answer is written in a chat at a time. */
  private readonly held = new Map<string, Delta>();
  private heldLength = 0;
  private readonly waiting: (() => void)[] = [];
  private readonly backlog: Backlog;

  constructor(private readonly connection: WebSocket) {
    this.backlog = new Backlog(
      () => ({ events: this.queued, bytes: connection.bufferedAmount, held: this.heldLength }),
      () => this.close('slow_consumer'),
    );
    connection.on('close', () => {
      this.backlog.close();
      this.wake();
    });
  }

  get isOpen(): boolean {
    return this.connection.readyState === this.connection.OPEN;
  }

  send(frame: DeskFrame): void {
    // The whole text comes with the message.
    if (frame.type === 'new_message' || frame.type === 'message_update') this.dropHeld(frame.data.chatId);
    this.write(frame);
  }

  sendDelta(delta: Delta): void {
    if (this.backlog.isBehind || this.held.has(delta.chatId)) return this.hold(delta);
    this.write(deskFrame('message_delta', delta));
  }

  /** Resolves when the reader has taken most of what was sent, or is gone. */
  async drained(): Promise<void> {
    while (this.isOpen && this.queued > MANY / 2) await new Promise<void>((resolve) => this.waiting.push(resolve));
  }

  /** Whether there is more on the way than a reader that catches up should get at once. */
  get hasMuch(): boolean {
    return this.queued >= MANY;
  }

  close(reason: CloseReason): void {
    this.closeWith(CLOSE_CODE[reason], reason);
  }

  /** Closes with what was sent before; a reader that takes nothing does not take the close frame either. */
  closeWith(code: number, reason: string): void {
    this.connection.close(code, reason);
    const forget = setTimeout(() => this.connection.terminate(), CLOSE_GRACE_MS).unref();
    this.connection.on('close', () => clearTimeout(forget));
  }

  dropHeld(chatId: string): void {
    this.heldLength -= this.held.get(chatId)?.delta.length ?? 0;
    this.held.delete(chatId);
  }

  private hold(delta: Delta): void {
    const held = this.held.get(delta.chatId);
    const isNext = held?.messageId === delta.messageId;
    if (held && !isNext) this.dropHeld(delta.chatId);
    this.held.set(delta.chatId, isNext ? { ...held, delta: held.delta + delta.delta } : delta);
    this.heldLength += delta.delta.length;
    this.backlog.grew();
  }

  private write(frame: DeskFrame): void {
    if (!this.isOpen) return;
    this.queued++;
    this.connection.send(JSON.stringify(frame), () => this.taken());
    this.backlog.grew();
  }

  private taken(): void {
    this.queued--;
    if (this.queued <= MANY / 2) this.wake();
    if (this.held.size === 0 || this.backlog.isBehind) return;
    const deltas = [...this.held.values()];
    this.held.clear();
    this.heldLength = 0;
    for (const delta of deltas) this.write(deskFrame('message_delta', delta));
  }

  private wake(): void {
    for (const resolve of this.waiting.splice(0)) resolve();
  }
}
