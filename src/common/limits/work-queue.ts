import { AppError } from '../errors/app-error.js';

/** Runs a few pieces of work at once and keeps a short line; what does not fit is refused at once. */
export class WorkQueue {
  private readonly waiting: (() => void)[] = [];
  private running = 0;

  constructor(private readonly limits: { running: number; waiting: number }) {}

  /** @throws AppError SERVER_BUSY when the line is full */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.running < this.limits.running) this.running++;
    else await this.turn();
    try {
      return await work();
    } finally {
      // The place is handed on, not freed: nobody overtakes the line.
      const next = this.waiting.shift();
      if (next) next();
      else this.running--;
    }
  }

  private turn(): Promise<void> {
    if (this.waiting.length >= this.limits.waiting) throw new AppError('SERVER_BUSY', { retryAfterSeconds: 1 });
    return new Promise((resolve) => this.waiting.push(resolve));
  }
}
