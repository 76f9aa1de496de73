import { residentKib } from '../figures.js';
import { loadPages } from '../page-load.js';
import type { Figure, Scenario } from '../scenario.js';
import { startBare, parleyFor, type Parley } from '../servers.js';

const PAGE = 50;
const KIB_PER_MIB = 1024;
const WARM_UPS = 3;

/** (d) Pages of 50 messages, 16 connections, against bare http + pg; how the cost depends on depth and length. */
export const messagePages: Scenario = {
  ids: ['d', 'f RSS under d'],
  async open(scale) {
    const [short, middle, long] = { full: [1e3, 1e5, 1e6], quick: [1e3, 1e5, 1e6], tiny: [100, 200, 300] }[scale] as [
      number,
      number,
      number,
    ];
    const forMs = { full: 3_000, quick: 1_500, tiny: 100 }[scale];
    const parley = await parleyFor(scale);
    const { chatRoomId: roomOfMiddle, tokens } = await conversation(parley, middle);
    const ofShort = await conversation(parley, short);
    const ofLong = await conversation(parley, long);
    await parley.database.query('VACUUM ANALYZE messages');
    const bare = await startBare('bare-pages', { DATABASE_URL: parley.databaseUrl });
    const token = tokens[0] ?? '';
    const path = (room: string, before: number) => `/chat-rooms/${room}/messages?limit=${PAGE}&before=${before}`;
    const ours = (room: string, at: () => number, key = token) =>
      loadPages(parley.port, key, () => path(room, at()), forMs);
    const theirs = () => loadPages(bare.port, token, () => `/${roomOfMiddle}?before=${anywhere()}`, forMs);
    const anywhere = () => PAGE + 1 + Math.floor(Math.random() * (middle - PAGE));
    // What has just started is not compiled yet; a server in use is.
    for (let load = 0; scale !== 'tiny' && load < WARM_UPS; load++) {
      await theirs();
      await ours(roomOfMiddle, anywhere);
    }
    return {
      async round() {
        const limit = await theirs();
        const random = await ours(roomOfMiddle, anywhere);
        const resident = residentKib(parley.pid) / KIB_PER_MIB;
        const newest = await ours(roomOfMiddle, () => middle + 1);
        const deepest = await ours(roomOfMiddle, () => PAGE + 1);
        const few = await ours(ofShort.chatRoomId, () => short / 2, ofShort.tokens[0]);
        const many = await ours(ofLong.chatRoomId, () => long / 2, ofLong.tokens[0]);
        const p50 = { unit: 'ms', target: { by: 'ratio', atMost: 1.1 } } as const;
        return [
          {
            ...{ id: 'd rate', what: `page of ${PAGE} of ${middle}, any depth, against http + pg`, unit: 'requests/s' },
            ...{ bare: limit.perSecond, ours: random.perSecond, target: { by: 'ratio', atLeast: 0.8 } },
          },
          {
            ...{ id: 'd p99', what: 'p99 of the same', unit: 'ms' },
            ...{ bare: limit.p99Ms, ours: random.p99Ms, target: { by: 'ratio', atMost: 1.3 } },
          },
          {
            id: 'd depth',
            what: 'p50, the deepest page to the newest',
            ...p50,
            bare: newest.p50Ms,
            ours: deepest.p50Ms,
          },
          { id: 'd length', what: `p50, of ${long} to of ${short}`, ...p50, bare: few.p50Ms, ours: many.p50Ms },
          {
            ...{ id: 'f RSS under d', what: 'memory under this load', unit: 'MiB' },
            ...{ bare: NaN, ours: resident, target: { by: 'value', atMost: 250 } },
          },
        ] as Figure[];
      },
      close: async () => {
        await bare.stop();
        await parley.stop();
      },
    };
  },
};

async function conversation(parley: Parley, length: number): Promise<{ chatRoomId: string; tokens: string[] }> {
  const room = await parley.room(2);
  await parley.database.query(
    `WITH sender AS (SELECT user_id FROM participants WHERE conversation_id = $1 LIMIT 1)
     INSERT INTO messages (id, conversation_id, seq, change_seq, role, sender_id, content)
     SELECT uuidv7(), $1, n, n, 'user', user_id, repeat('word ', 24) FROM sender, generate_series(1, $2::int) n`,
    [room.chatRoomId, length],
  );
  await parley.database.query('UPDATE conversations SET head = $2 WHERE id = $1', [room.chatRoomId, length]);
  await parley.database.query('UPDATE chat_rooms SET message_count = $2 WHERE id = $1', [room.chatRoomId, length]);
  return room;
}
