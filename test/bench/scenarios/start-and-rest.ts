import { setTimeout as delay } from 'node:timers/promises';
import { residentKib } from '../figures.js';
import type { Scenario } from '../scenario.js';
import { spawnParley, startBareSocketIo, parleyFor } from '../servers.js';

const POLL_MS = 5;
const KIB_PER_MIB = 1024;

/** (f) From the start of the built server to the first healthy answer, the database being up; and its memory at rest. */
export const startAndRest: Scenario = {
  ids: ['f start', 'f rest'],
  async open(scale) {
    const restMs = scale === 'tiny' ? 100 : 3_000;
    const database = await parleyFor(scale);
    return {
      async round() {
        const bareBegin = performance.now();
        const bare = await startBareSocketIo();
        const bareMs = performance.now() - bareBegin;
        const bareMib = residentKib(bare.pid) / KIB_PER_MIB;
        await bare.stop();
        const begin = performance.now();
        const server = spawnParley(database.databaseUrl);
        await server.waitFor(/is listening on/);
        while (!(await isHealthy(server.url))) await delay(POLL_MS);
        const oursMs = performance.now() - begin;
        await delay(restMs);
        const oursMib = residentKib(server.pid) / KIB_PER_MIB;
        await server.stop();
        return [
          {
            ...{ id: 'f start', what: 'start to healthy (bare: Socket.IO listens)', unit: 'ms' },
            ...{ bare: bareMs, ours: oursMs, target: { by: 'value', atMost: 800 } },
          },
          {
            ...{ id: 'f rest', what: 'memory at rest', unit: 'MiB' },
            ...{ bare: bareMib, ours: oursMib, target: { by: 'value', atMost: 150 } },
          },
        ];
      },
      close: () => database.stop(),
    };
  },
};

async function isHealthy(url: string): Promise<boolean> {
  return fetch(`${url}/health`).then(
    ({ ok }) => ok,
    () => false,
  );
}
