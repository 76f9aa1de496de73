import { request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { percentile, processorSeconds } from './figures.js';

/** Longest wait for the last deltas, beyond what the model needs. */
const PATIENCE_MS = 10_000;
const MARK = 0x40;
const DIGITS = { first: 0x30, last: 0x39 };
const PACE_MS = 20;

export interface StreamFigures {
  firstP50Ms: number;
  firstP99Ms: number;
  deltaP50Ms: number;
  deltaP99Ms: number;
  processorMicros: number;
  lost: number;
}

const nowMicros = () => Number(process.hrtime.bigint() / 1000n);

/** Notes how old each delta is when it comes: its text says in µs when the model wrote it. */
export class StreamLoad {
  private readonly delays: number[] = [];
  private readonly firsts: number[] = [];
  private readonly startedAt = new Map<string, number>();
  private received = 0;

  /** Sees bytes of answer `stream`; several deltas may be joined. */
  take(stream: string, bytes: Buffer, start: number, end: number): void {
    const now = nowMicros();
    for (let at = bytes.indexOf(MARK, start); at >= 0 && at < end; at = bytes.indexOf(MARK, at + 1)) {
      let written = 0;
      for (let digit = at + 1; bytes[digit]! >= DIGITS.first && bytes[digit]! <= DIGITS.last; digit++)
        written = written * 10 + bytes[digit]! - DIGITS.first;
      if (written === 0) continue;
      this.received++;
      this.delays.push((now - written) / 1000);
      const started = this.startedAt.get(stream);
      if (started === undefined) continue;
      this.firsts.push((now - started) / 1000);
      this.startedAt.delete(stream);
    }
  }

  /** Begins the answers one after another within a second and waits for all deltas. */
  async run(
    streams: readonly string[],
    begin: (stream: string) => void,
    { deltas, listeners, pid }: { deltas: number; listeners: number; pid: number | null },
  ): Promise<StreamFigures> {
    const processor = pid === null ? NaN : processorSeconds(pid);
    for (const stream of streams) {
      this.startedAt.set(stream, nowMicros());
      begin(stream);
      await delay(1000 / streams.length);
    }
    const wanted = streams.length * deltas * listeners;
    const until = performance.now() + deltas * PACE_MS + PATIENCE_MS;
    while (this.received < wanted && performance.now() < until) await delay(20);
    return {
      firstP50Ms: percentile(this.firsts, 0.5),
      firstP99Ms: percentile(this.firsts, 0.99),
      deltaP50Ms: percentile(this.delays, 0.5),
      deltaP99Ms: percentile(this.delays, 0.99),
      processorMicros: pid === null ? NaN : ((processorSeconds(pid) - processor) * 1e6) / this.received,
      lost: wanted - this.received,
    };
  }
}

/** Talks to the model itself. */
export function askModel(port: number, onData: (bytes: Buffer) => void): void {
  const call = request({ host: '127.0.0.1', port, path: '/v1/chat/completions', method: 'POST', agent: false });
  call.on('response', (answer) => answer.on('data', onData)).on('error', () => undefined);
  call.end('{"model":"bench","stream":true,"messages":[]}');
}
