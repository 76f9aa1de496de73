import { setTimeout as delay } from 'node:timers/promises';
import { percentile, processorSeconds } from '../figures.js';
import { LoadClient } from '../load-client.js';
import type { Figure, Scenario } from '../scenario.js';
import { startBare, parleyFor, type BareServer, type Parley } from '../servers.js';

const SENDERS = 64;
const ROOM_SIZE = 10;
const TEXT = 'x'.repeat(120);

interface Load {
  perSecond: number;
  p99Ms: number;
  processorMicros: number;
}

/** (c1) 64 people send in rooms of 10, each the next message when the last was acknowledged. */
export const storedMessages: Scenario = {
  ids: ['c1'],
  async open(scale) {
    const parley = await parleyFor(scale);
    const env = { DATABASE_URL: parley.databaseUrl };
    const nest = await startBare('ordinary-nest', env);
    const pool = await startBare('pool-socketio', env);
    const forMs = { full: 3_000, quick: 1_500, tiny: 150 }[scale];
    const senders = scale === 'tiny' ? ROOM_SIZE : SENDERS;
    // What has just started is not compiled yet; a server in use is.
    for (const server of scale === 'tiny' ? [] : [nest, pool, parley]) await measure(server, parley, senders, forMs);
    return {
      async round() {
        const ofNest = await measure(nest, parley, senders, forMs);
        const ofPool = await measure(pool, parley, senders, forMs);
        const ours = await measure(parley, parley, senders, forMs);
        return figuresOf(ofNest, ofPool, ours);
      },
      close: async () => {
        await nest.stop();
        await pool.stop();
        await parley.stop();
      },
    };
  },
};

function figuresOf(nest: Load, pool: Load, ours: Load): Figure[] {
  const rate = { unit: 'messages/s', ours: ours.perSecond };
  const processor = { unit: 'µs/message', ours: ours.processorMicros, target: null };
  return [
    {
      id: 'c1 Nest',
      what: `${SENDERS} senders, rooms of ${ROOM_SIZE}; against ordinary Nest + Prisma`,
      ...rate,
      bare: nest.perSecond,
      target: { by: 'ratio', atLeast: 5 },
    },
    { id: 'c1 pool', what: 'the same against Socket.IO + pg pool', ...rate, bare: pool.perSecond, target: null },
    {
      id: 'c1 p99',
      what: 'p99 of an ack, against Socket.IO + pg pool',
      unit: 'ms',
      bare: pool.p99Ms,
      ours: ours.p99Ms,
      target: { by: 'ratio', atMost: 0.6 },
    },
    { id: 'c1 CPU', what: 'processor time, against ordinary Nest', ...processor, bare: nest.processorMicros },
  ];
}

async function measure(server: BareServer, parley: Parley, senders: number, forMs: number): Promise<Load> {
  const clients: { client: LoadClient; chatRoomId: string }[] = [];
  while (clients.length < senders) {
    const { chatRoomId, tokens } = await parley.room(ROOM_SIZE);
    for (const token of tokens) {
      const client = await LoadClient.connect(server.port, token);
      await client.ask('joinChatRoom', { chatRoomId });
      clients.push({ client, chatRoomId });
    }
  }
  const delays: number[] = [];
  const state = { count: 0, isMeasured: false, isOver: false };
  const sending = clients.slice(0, senders).map(async ({ client, chatRoomId }) => {
    while (!state.isOver) {
      const at = performance.now();
      await client.ask('sendMessage', { chatRoomId, content: TEXT });
      state.count++;
      if (state.isMeasured) delays.push(performance.now() - at);
    }
  });
  await delay(forMs / 2);
  state.isMeasured = true;
  const before = { count: state.count, at: performance.now(), processor: processorSeconds(server.pid) };
  await delay(forMs);
  const count = state.count - before.count;
  const seconds = (performance.now() - before.at) / 1000;
  const processor = processorSeconds(server.pid) - before.processor;
  state.isOver = true;
  await Promise.all(sending);
  for (const { client } of clients) client.close();
  return { perSecond: count / seconds, p99Ms: percentile(delays, 0.99), processorMicros: (processor * 1e6) / count };
}
