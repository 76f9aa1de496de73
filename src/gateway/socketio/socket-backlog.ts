import type { ServerEvent } from '../contract/server-events.js';
import { Backlog } from '../delivery/backlog.js';
import { HeldTexts } from '../delivery/held-texts.js';
import { EngineQueue } from './engine-connection.js';

interface Reader {
  readonly conn: unknown;
  emit(name: string, payload: unknown): void;
}

/** What one socket has not taken yet. `onBehind`: it fell behind and is told pieces of text later, joined. */
export class SocketBacklog {
  private readonly texts = new HeldTexts();
  private isBehind = false;
  private readonly queue: EngineQueue;
  private readonly backlog: Backlog;

  constructor(
    private readonly reader: Reader,
    private readonly on: { packet: () => void; behind: () => void; caughtUp: () => void; slow: () => void },
  ) {
    this.queue = new EngineQueue(
      reader.conn,
      () => on.packet(),
      () => this.grew(),
      () => this.review(),
    );
    this.backlog = new Backlog(
      () => ({ ...this.queue.queued, held: this.texts.length }),
      () => {
        // It resumes from its cursor; what it reads next is why.
        this.queue.clear();
        on.slow();
      },
    );
  }

  /** Takes an event that can wait; returns whether it did. What cannot wait is told after what waited. */
  hold(event: ServerEvent): boolean {
    if (this.texts.hold(event)) {
      this.backlog.grew();
      return true;
    }
    this.tell(this.texts.release(event));
    return false;
  }

  /** Tells what waited once the reader has caught up. */
  review(): void {
    if (!this.isBehind || this.backlog.isBehind) return;
    this.isBehind = false;
    this.on.caughtUp();
    this.tell(this.texts.release());
  }

  close(): void {
    this.backlog.close();
  }

  private grew(): void {
    if (!this.isBehind && this.backlog.isBehind) {
      this.isBehind = true;
      this.on.behind();
    }
    this.backlog.grew();
  }

  private tell(pieces: readonly ServerEvent[]): void {
    for (const { name, payload } of pieces) this.reader.emit(name, payload);
  }
}
