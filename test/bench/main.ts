// npm run bench: what Parley does, as ratios to what the bare libraries do in the same run.
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { median } from './figures.js';
import { measureFanOut, type FanOutCase, type FanOutResult } from './room-fan-out.js';
import { startBareSocketIo, startParley, type BenchServer } from './servers.js';

interface Row {
  id: string;
  what: string;
  load: FanOutCase;
  /** What must hold of the medians of the ratios Parley : bare Socket.IO. */
  target: { of: keyof FanOutResult; atLeast?: number; atMost?: number };
}

const flood = (members: number, inFlight: number, rooms = 1): FanOutCase => ({
  kind: 'typing',
  rooms,
  members,
  inFlight,
});

const ROWS: Row[] = [
  ...[100, 500, 1000].map((members): Row => ({
    id: `a1-${members}`,
    what: `live event to ${members}, 4 in flight`,
    load: flood(members, 4),
    target: { of: 'deliveriesPerSecond', atLeast: 3 },
  })),
  {
    id: 'a2-500',
    what: 'live event to 500, 1 in flight',
    load: flood(500, 1),
    target: { of: 'deliveriesPerSecond', atLeast: 1.5 },
  },
  {
    id: 'a2-50x20',
    what: 'live event, 50 rooms of 20, 1 in flight',
    load: flood(20, 1, 50),
    target: { of: 'deliveriesPerSecond', atLeast: 1.2 },
  },
  {
    id: 'a3',
    what: 'p99 of a live event to 500, 20 000 deliveries/s',
    load: flood(500, 4),
    target: { of: 'p99Ms', atMost: 1.1 },
  },
  {
    id: 'a4',
    what: 'stored message to 500, 4 in flight',
    load: { kind: 'message', rooms: 1, members: 500, inFlight: 4 },
    target: { of: 'deliveriesPerSecond', atLeast: 1.5 },
  },
];

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    only: { type: 'string' },
    json: { type: 'string' },
  },
});

const rows = ROWS.filter(({ id }) => !values.only || id.startsWith(values.only));
const servers = [await startBareSocketIo(), await startParley()] as [BenchServer, BenchServer];
const measured = new Map<string, FanOutResult[][]>();
try {
  for (let round = 1; round <= Number(values.rounds); round++)
    for (const { id, load } of rows) {
      const results: FanOutResult[] = [];
      for (const server of servers) results.push(await measureFanOut(server, load));
      measured.set(id, [...(measured.get(id) ?? []), results]);
      process.stderr.write(`round ${round}, ${id}\n`);
    }
} finally {
  for (const server of servers) await server.stop();
}

const summary = rows.map((row) => summarize(row, measured.get(row.id) ?? []));
const print = (line: string) => process.stdout.write(`${line}\n`);
print('| | what | bare Socket.IO | Parley | ratio | range | target | CPU µs/delivery bare : Parley | lost |');
print('|---|---|---|---|---|---|---|---|---|');
for (const { id, what, bare, ours, ratio, lowest, highest, target, processor, lost, isMet } of summary)
  print(
    `| ${id} | ${what} | ${bare} | ${ours} | **${ratio}** | ${lowest}–${highest} | ${target} ${isMet ? 'met' : 'MISSED'} | ${processor} | ${lost} |`,
  );
if (values.json)
  writeFileSync(
    values.json,
    `${JSON.stringify({ at: new Date().toISOString(), summary, measured: Object.fromEntries(measured) }, null, 2)}\n`,
  );
process.exitCode = summary.every(({ isMet, lost }) => isMet && lost === 0) ? 0 : 1;

function summarize({ id, what, target }: Row, rounds: FanOutResult[][]) {
  const value = (server: number, key: keyof FanOutResult) =>
    median(rounds.map((results) => results[server]?.[key] ?? NaN));
  const ratios = rounds.map(([bare, ours]) => (ours?.[target.of] ?? NaN) / (bare?.[target.of] ?? NaN));
  const ratio = median(ratios);
  const isMet = ratio >= (target.atLeast ?? 0) && ratio <= (target.atMost ?? Infinity);
  const unit = target.of === 'p99Ms' ? 'ms' : '/s';
  const shown = (number: number) => `${number.toFixed(unit === 'ms' ? 1 : 0)} ${unit}`;
  return {
    id,
    what,
    bare: shown(value(0, target.of)),
    ours: shown(value(1, target.of)),
    ratio: ratio.toFixed(2),
    lowest: Math.min(...ratios).toFixed(2),
    highest: Math.max(...ratios).toFixed(2),
    target: target.atLeast === undefined ? `≤ ${target.atMost}` : `≥ ${target.atLeast}`,
    processor: `${value(0, 'processorMicrosPerDelivery').toFixed(1)} : ${value(1, 'processorMicrosPerDelivery').toFixed(1)}`,
    lost: rounds.flat().reduce((sum, { lost }) => sum + lost, 0),
    isMet,
  };
}
