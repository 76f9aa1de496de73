/** What a reader has not taken yet and is kept for it in this process. */
export interface Queued {
  events: number;
  bytes: number;
  /** UTF-16 units of text that are told once it has caught up; they are kept too, but do not make a reader late. */
  held?: number;
}

/** A reader that lets more than this pile up is closed; it resumes from its cursor. */
const MOST_EVENTS = 256;
const MOST_BYTES = 1024 * 1024;
/** A burst of one moment may be more: only who is still behind after this long does not keep up. */
const GRACE_MS = 250;
/** More than this is too much at any moment. */
const AT_ONCE = 4;
/** From this part of the limits on, pieces of text are joined and typing is left out. */
const BEHIND = 0.5;

/** How long a reader that is closed may take to read why. */
export const CLOSE_GRACE_MS = 5_000;

/** Bounds what is kept for one reader. `giveUp` is called once, when it does not keep up. */
export class Backlog {
  private timer: NodeJS.Timeout | null = null;
  private isOver = false;

  constructor(
    private readonly queued: () => Queued,
    private readonly giveUp: () => void,
  ) {}

  get isBehind(): boolean {
    const { events, bytes } = this.queued();
    return events > MOST_EVENTS * BEHIND || bytes > MOST_BYTES * BEHIND;
  }

  /** Something was queued or held. */
  grew(): void {
    if (this.isOver || !this.exceeds(1)) return;
    if (this.exceeds(AT_ONCE)) return this.end(true);
    this.timer ??= setTimeout(() => {
      this.timer = null;
      if (this.exceeds(1)) this.end(true);
    }, GRACE_MS).unref();
  }

  /** The reader is gone. */
  close(): void {
    this.end(false);
  }

  private end(isSlow: boolean): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    if (this.isOver) return;
    this.isOver = true;
    if (isSlow) this.giveUp();
  }

  private exceeds(times: number): boolean {
    const { events, bytes, held = 0 } = this.queued();
    return events > MOST_EVENTS * times || bytes + held > MOST_BYTES * times;
  }
}
