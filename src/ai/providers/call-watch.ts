import { AppError } from '../../common/errors/app-error.js';
import type { ModelRun } from './ai-provider.js';

export interface CallLimits {
  /** Longest wait for the first sign of life. */
  firstByteMs: number;
  /** Longest silence after it. */
  idleMs: number;
  /** When the whole answer must be there, on the clock of `performance.now()`. */
  deadlineAt: number;
  /** Longest text, in bytes of UTF-8. */
  maxBytes: number;
}

/** Watches one call of a provider: ends it when it is too slow, too silent, too long, or when the caller says so. */
export class CallWatch implements ModelRun {
  private readonly controller = new AbortController();
  private readonly startedAt = performance.now();
  private lastSignAt: number | null = null;
  private timer: NodeJS.Timeout;
  private bytes = 0;
  private heldHalf = '';
  private hasText = false;
  /** The text reached its greatest length and was cut. */
  isFull = false;

  constructor(
    private readonly outer: ModelRun,
    private readonly limits: CallLimits,
    private readonly onFirstText: () => void,
  ) {
    if (outer.signal.aborted) this.abortWithOuter();
    else outer.signal.addEventListener('abort', this.abortWithOuter, { once: true });
    this.timer = setTimeout(this.check, this.msLeft());
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  readonly onActivity = (): void => {
    this.noteSign();
    this.outer.onActivity?.();
  };

  readonly onDelta = (received: string): void => {
    this.noteSign();
    if (this.signal.aborted) return;
    const text = this.storable(received);
    if (text.length === 0) return;
    const bytes = Buffer.byteLength(text);
    if (this.bytes + bytes <= this.limits.maxBytes) {
      this.bytes += bytes;
      this.handOn(text);
      return;
    }
    this.isFull = true;
    this.handOn(cutToBytes(text, this.limits.maxBytes - this.bytes));
    this.controller.abort(new AppError('AI_OUTPUT_TOO_LONG'));
  };

  /** To be called when the call has ended. */
  close(): void {
    clearTimeout(this.timer);
    this.outer.signal.removeEventListener('abort', this.abortWithOuter);
  }

  private noteSign(): void {
    const isFirst = this.lastSignAt === null;
    this.lastSignAt = performance.now();
    // The timer still waits for the limit of the first byte, which may be far longer.
    if (!isFirst || this.signal.aborted) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(this.check, this.msLeft());
  }

  /** Without what no database stores: NUL and halves of characters; the first half of one waits for the second. */
  private storable(received: string): string {
    let text = this.heldHalf + received;
    this.heldHalf = '';
    if (isHighSurrogate(text.charCodeAt(text.length - 1))) {
      this.heldHalf = text.slice(-1);
      text = text.slice(0, -1);
    }
    if (text.includes('\0')) text = text.replaceAll('\0', '');
    return text.isWellFormed() ? text : text.toWellFormed();
  }

  private handOn(text: string): void {
    if (text.length === 0) return;
    if (!this.hasText) {
      this.hasText = true;
      this.onFirstText();
    }
    this.outer.onDelta(text);
  }

  private readonly abortWithOuter = (): void => {
    this.controller.abort(this.outer.signal.reason);
  };

  // One timer that is set anew when it fires, rather than with every delta.
  private readonly check = (): void => {
    const left = this.msLeft();
    if (left > 0) {
      this.timer = setTimeout(this.check, left);
      return;
    }
    const limit =
      performance.now() >= this.limits.deadlineAt ? 'total' : this.lastSignAt === null ? 'first-byte' : 'idle';
    this.controller.abort(new AppError('AI_TIMEOUT', { details: { limit } }));
  };

  private msLeft(): number {
    const { firstByteMs, idleMs, deadlineAt } = this.limits;
    const silentUntil = this.lastSignAt === null ? this.startedAt + firstByteMs : this.lastSignAt + idleMs;
    return Math.ceil(Math.min(silentUntil, deadlineAt) - performance.now());
  }
}

/** The longest beginning of `text` that takes at most `bytes` in UTF-8 and ends between characters. */
export function cutToBytes(text: string, bytes: number): string {
  if (bytes <= 0) return '';
  const { read } = new TextEncoder().encodeInto(text, new Uint8Array(bytes));
  return text.slice(0, read);
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}
