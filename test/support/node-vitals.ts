import { readdirSync } from 'node:fs';
import { Rest } from './person.js';

/** What a process holds on to. */
export interface Vitals {
  at: number;
  /** Bytes. */
  heap: number;
  rss: number;
  files: number;
  /** Timers that are set, and what else keeps the event loop busy. */
  timers: number;
  handles: number;
  /** Live connections over every wire. */
  connections: number;
}

/** Looks at a server process from outside (/proc) and through its metrics. @throws when it does not answer */
export async function vitalsOf(url: string, pid: number, token: string): Promise<Vitals> {
  const { status, body } = await new Rest(url, token).get<string>('/metrics', { accept: 'text/plain' });
  if (status !== 200) throw new Error(`/metrics answered ${status}`);
  const sum = (pattern: string) =>
    [...body.matchAll(new RegExp(`^${pattern}(?:\\{[^}]*\\})? (\\S+)$`, 'gm'))].reduce(
      (all, [, n]) => all + Number(n),
      0,
    );
  const labelled = (name: string, label: string) =>
    Number(new RegExp(`^${name}\\{type="${label}"\\} (\\S+)$`, 'm').exec(body)?.[1] ?? 0);
  return {
    at: performance.now(),
    heap: sum('nodejs_heap_size_used_bytes'),
    rss: sum('process_resident_memory_bytes'),
    files: readdirSync(`/proc/${pid}/fd`).length,
    timers: labelled('nodejs_active_resources', 'Timeout'),
    handles: sum('nodejs_active_handles_total'),
    connections: sum('parley_live_connections'),
  };
}

/** MiB an hour, by least squares through the lowest heap of each tenth of the samples: what is left after collections. */
export function heapSlope(samples: readonly Vitals[]): number {
  const size = Math.max(1, Math.floor(samples.length / 10));
  const floors: { x: number; y: number }[] = [];
  for (let at = 0; at + size <= samples.length; at += size) {
    const part = samples.slice(at, at + size);
    const lowest = part.reduce((least, it) => (it.heap < least.heap ? it : least));
    floors.push({ x: lowest.at / 3_600_000, y: lowest.heap / 2 ** 20 });
  }
  const mean = (key: 'x' | 'y') => floors.reduce((sum, it) => sum + it[key], 0) / floors.length;
  const [mx, my] = [mean('x'), mean('y')];
  const spread = floors.reduce((sum, { x }) => sum + (x - mx) ** 2, 0);
  return spread === 0 ? 0 : floors.reduce((sum, { x, y }) => sum + (x - mx) * (y - my), 0) / spread;
}
