// npm run bench: what Parley does beside what the bare libraries do in the same run.
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { summarize, table } from './report.js';
import type { Figure, Scenario } from './scenario.js';
import { idleConnections } from './scenarios/idle-connections.js';
import { liveRooms } from './scenarios/live-rooms.js';
import { messagePages } from './scenarios/message-pages.js';
import { modelStreams } from './scenarios/model-streams.js';
import { startAndRest } from './scenarios/start-and-rest.js';
import { stopShared } from './servers.js';
import { storageLayer } from './scenarios/storage-layer.js';
import { storedMessages } from './scenarios/stored-messages.js';

const SCENARIOS: Scenario[] = [
  liveRooms,
  modelStreams,
  storedMessages,
  storageLayer,
  messagePages,
  idleConnections,
  startAndRest,
];

const { values } = parseArgs({
  options: {
    rounds: { type: 'string' },
    only: { type: 'string' },
    json: { type: 'string' },
    quick: { type: 'boolean', default: false },
    tiny: { type: 'boolean', default: false },
  },
});
const scale = values.tiny ? 'tiny' : values.quick ? 'quick' : 'full';
const rounds = Number(values.rounds ?? process.env['ROUNDS'] ?? { tiny: 1, quick: 2, full: 5 }[scale]);
const only = values.only?.split(',') ?? [''];
const isWanted = (id: string) => only.some((prefix) => id.startsWith(prefix));

/** Ends after the round that is under way, so that no server is left. */
let isStopped = false;
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => (isStopped = true));

const measured = new Map<string, Figure[]>();
for (const scenario of SCENARIOS) {
  // A prefix of an id, or an id of which this scenario has more than one figure.
  const isAsked = scenario.ids.some((id) => only.some((prefix) => prefix.startsWith(id) || id.startsWith(prefix)));
  if (!isAsked || isStopped) continue;
  const open = await scenario.open(scale, isWanted);
  try {
    for (let round = 1; round <= rounds && !isStopped; round++) {
      for (const figure of await open.round())
        if (isWanted(figure.id)) measured.set(figure.id, [...(measured.get(figure.id) ?? []), figure]);
      process.stderr.write(`${scenario.ids.join()}: round ${round} of ${rounds}\n`);
    }
    const own = [...measured].filter(([id]) => scenario.ids.some((prefix) => id.startsWith(prefix)));
    process.stderr.write(`${table(own.map(([, figures]) => summarize(figures)))}\n`);
  } finally {
    await open.close();
  }
}
await stopShared();

const summary = [...measured.values()].map(summarize);
process.stdout.write(`${table(summary)}\n`);
if (values.json) {
  const report = { at: new Date().toISOString(), scale, rounds, summary, measured: Object.fromEntries(measured) };
  writeFileSync(values.json, `${JSON.stringify(report, null, 2)}\n`);
}
process.exitCode = summary.every(({ isMet }) => isMet) ? 0 : 1;
