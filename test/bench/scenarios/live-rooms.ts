import { measureFanOut, type FanOutCase, type FanOutResult } from '../room-fan-out.js';
import type { Figure, Scenario, Target } from '../scenario.js';
import { startBareSocketIo, parleyFor } from '../servers.js';

interface Row {
  id: string;
  what: string;
  load: Omit<FanOutCase, 'forMs'>;
  of: 'deliveriesPerSecond' | 'p99Ms';
  target: Target;
}

const typing = (members: number, inFlight: number, rooms = 1) =>
  ({ kind: 'typing', rooms, members, inFlight }) as const;
const rate = (atLeast: number) => ({ of: 'deliveriesPerSecond', target: { by: 'ratio', atLeast } }) as const;

const ROWS: Row[] = [
  ...[100, 500, 1000].map((members) => ({
    id: `a1-${members}`,
    what: `live event to ${members}, 4 in flight`,
    load: typing(members, 4),
    ...rate(3),
  })),
  { id: 'a2-500', what: 'live event to 500, 1 in flight', load: typing(500, 1), ...rate(1.5) },
  { id: 'a2-50x20', what: 'live event, 50 rooms of 20, 1 in flight', load: typing(20, 1, 50), ...rate(1.2) },
  {
    id: 'a3',
    what: 'p99 of a live event to 500, 20 000 deliveries/s',
    load: typing(500, 4),
    of: 'p99Ms',
    target: { by: 'ratio', atMost: 1.1 },
  },
  {
    id: 'a4',
    what: 'stored message to 500, 4 in flight; bare does not store',
    load: { kind: 'message', rooms: 1, members: 500, inFlight: 4 },
    ...rate(1.5),
  },
];

/** (a) Live events and stored messages to everybody in a room, against bare Socket.IO. */
export const liveRooms: Scenario = {
  ids: ROWS.map(({ id }) => id),
  async open(scale, isWanted) {
    const servers = [await startBareSocketIo(), await parleyFor(scale)] as const;
    const forMs = { full: 2_500, quick: 1_500, tiny: 100 }[scale];
    const sized = ({ load }: Row): FanOutCase => ({
      ...load,
      forMs,
      ...(scale === 'tiny' ? { members: 5, rooms: Math.min(2, load.rooms) } : {}),
    });
    return {
      async round() {
        const figures: Figure[] = [];
        for (const row of ROWS.filter(({ id }) => isWanted(id))) {
          const bare = await measureFanOut(servers[0], sized(row));
          const ours = await measureFanOut(servers[1], sized(row));
          figures.push(...figuresOf(row, bare, ours));
        }
        return figures;
      },
      close: async () => {
        for (const server of servers) await server.stop();
      },
    };
  },
};

function figuresOf({ id, what, of, target }: Row, bare: FanOutResult, ours: FanOutResult): Figure[] {
  const unit = of === 'p99Ms' ? 'ms' : 'deliveries/s';
  return [
    { id, what, unit, bare: bare[of], ours: ours[of], target, lost: bare.lost + ours.lost },
    {
      id: `${id} CPU`,
      what: 'processor time of the server',
      unit: 'µs/delivery',
      bare: bare.processorMicrosPerDelivery,
      ours: ours.processorMicrosPerDelivery,
      target: null,
    },
  ];
}
