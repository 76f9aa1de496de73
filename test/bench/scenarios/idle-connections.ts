import { fileURLToPath } from 'node:url';
import { setTimeout as delay } from 'node:timers/promises';
import { residentKib } from '../figures.js';
import { LoadClient } from '../load-client.js';
import type { Scenario } from '../scenario.js';
import { startBareSocketIo, startParley, type BenchServer } from '../servers.js';

const AT_ONCE = 64;
/** People are told who of their rooms is there: everybody in one room would measure that. */
const ROOM_SIZE = 10;
const COLLECTOR = fileURLToPath(new URL('../servers/collect-garbage.mjs', import.meta.url));
const FLAGS = ['--expose-gc', '--import', COLLECTOR];

/** (e) Authenticated connections that do nothing. New servers for each round: memory once taken is not given back. */
export const idleConnections: Scenario = {
  ids: ['e'],
  open(scale) {
    const connections = { full: 2_000, quick: 1_000, tiny: 20 }[scale];
    const settleMs = scale === 'tiny' ? 200 : 1_500;
    return Promise.resolve({
      async round() {
        const bare = await measure(await startBareSocketIo(FLAGS), connections, settleMs);
        const ours = await measure(await startParley({}, FLAGS), connections, settleMs);
        return [
          {
            id: 'e memory',
            what: `an idle connection, of ${connections}`,
            unit: 'KiB',
            bare: bare.kib,
            ours: ours.kib,
            target: { by: 'ratio', atMost: 1.1 },
          },
          {
            id: 'e rate',
            what: `connecting, ${AT_ONCE} at once`,
            unit: 'connects/s',
            bare: bare.perSecond,
            ours: ours.perSecond,
            target: { by: 'ratio', atLeast: 0.9 },
          },
        ];
      },
      close: () => Promise.resolve(),
    });
  },
};

async function measure(server: BenchServer, connections: number, settleMs: number) {
  try {
    const warm = await connect(server, AT_ONCE);
    for (const client of warm.clients) client.close();
    const before = await residentAfterCollection(server.pid, settleMs);
    const { clients, perSecond } = await connect(server, connections);
    const kib = ((await residentAfterCollection(server.pid, settleMs)) - before) / connections;
    for (const client of clients) client.close();
    return { kib, perSecond };
  } finally {
    await server.stop();
  }
}

async function connect(server: BenchServer, connections: number) {
  const tokens: string[] = [];
  while (tokens.length < connections) tokens.push(...(await server.room(ROOM_SIZE)).tokens);
  const clients: LoadClient[] = [];
  const begin = performance.now();
  const one = async () => {
    for (let token = tokens.pop(); token !== undefined; token = tokens.pop())
      clients.push(await LoadClient.connect(server.port, token));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, one));
  return { clients, perSecond: (connections * 1000) / (performance.now() - begin) };
}

async function residentAfterCollection(pid: number, settleMs: number): Promise<number> {
  await delay(settleMs);
  process.kill(pid, 'SIGUSR2');
  await delay(settleMs);
  return residentKib(pid);
}
