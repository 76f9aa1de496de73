import { stalledMs } from './cpu-pressure.js';

/** Measures what something took, less what it waited for a processor on a machine that does other things, too. */
export class Stopwatch {
  private readonly startedAt = performance.now();
  private readonly stalledBefore = stalledMs();

  /** Up to now, or up to a moment of `performance.now()` just before. */
  ms(until = performance.now()): number {
    return until - this.startedAt - (stalledMs() - this.stalledBefore);
  }
}
