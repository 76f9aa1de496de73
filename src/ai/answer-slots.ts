import { AppError } from '../common/errors/app-error.js';

interface Waiting {
  userId: string;
  grant: () => void;
}

/** Bounds how many answers run at once, in all and per person. Who waits is served in turn, one person after another. */
export class AnswerSlots {
  private running = 0;
  private readonly runningOf = new Map<string, number>();
  /** People in the order of their turn, each with their answers in order. */
  private readonly queues = new Map<string, Waiting[]>();
  private waiting = 0;

  constructor(private readonly limits: { inAll: number; perUser: number; queue: number; queuePerUser: number }) {}

  get counts(): { running: number; waiting: number } {
    return { running: this.running, waiting: this.waiting };
  }

  /** @throws AppError RATE_LIMITED when the person has too many answers waiting, SERVER_BUSY when everybody together has */
  assertRoom(userId: string): void {
    if (this.waiting >= this.limits.queue) throw new AppError('SERVER_BUSY', { retryAfterSeconds: 5 });
    if ((this.queues.get(userId)?.length ?? 0) >= this.limits.queuePerUser)
      throw new AppError('RATE_LIMITED', { message: 'Too many of your answers are waiting.', retryAfterSeconds: 5 });
  }

  /** Waits for a slot; the returned function gives it back. @throws AppError as `assertRoom`; `signal.reason` when aborted */
  async acquire(userId: string, signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted();
    if (!this.hasRoomFor(userId)) {
      this.assertRoom(userId);
      await this.wait(userId, signal);
    } else {
      this.take(userId);
    }
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      this.release(userId);
    };
  }

  /** Whether `acquire` would not wait. */
  hasRoomFor(userId: string): boolean {
    return this.running < this.limits.inAll && (this.runningOf.get(userId) ?? 0) < this.limits.perUser;
  }

  private take(userId: string): void {
    this.running++;
    this.runningOf.set(userId, (this.runningOf.get(userId) ?? 0) + 1);
  }

  private wait(userId: string, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const queue = this.queues.get(userId) ?? [];
      const onAbort = () => {
        const index = queue.indexOf(entry);
        if (index < 0) return;
        queue.splice(index, 1);
        this.waiting--;
        if (queue.length === 0) this.queues.delete(userId);
        reject(signal.reason as Error);
      };
      const entry: Waiting = {
        userId,
        grant: () => {
          signal.removeEventListener('abort', onAbort);
          this.take(userId);
          resolve();
        },
      };
      queue.push(entry);
      this.queues.set(userId, queue);
      this.waiting++;
      signal.addEventListener('abort', onAbort, { once: true });
    });
  }

  private release(userId: string): void {
    this.running--;
    const left = (this.runningOf.get(userId) ?? 1) - 1;
    if (left === 0) this.runningOf.delete(userId);
    else this.runningOf.set(userId, left);
    for (const [next, queue] of this.queues) {
      if (this.running >= this.limits.inAll) return;
      if (!this.hasRoomFor(next)) continue;
      // Served once, the person goes to the end of the line.
      this.queues.delete(next);
      const entry = queue.shift();
      if (queue.length > 0) this.queues.set(next, queue);
      if (!entry) continue;
      this.waiting--;
      entry.grant();
      return;
    }
  }
}
