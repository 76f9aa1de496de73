import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Scenario } from '../scenario.js';
import { parleyFor, type Parley } from '../servers.js';

const ROOMS = 7;
const FILE = fileURLToPath(new URL('../servers/append-rows.mjs', import.meta.url));
const run = promisify(execFile);

interface Stored {
  perSecond: number;
  loneP50Ms: number;
}

/** (c2) What stores messages, without any wire, against inserts row by row over 16 connections of raw `pg`. */
export const storageLayer: Scenario = {
  ids: ['c2'],
  async open(scale) {
    const parley = await parleyFor(scale);
    const forMs = { full: 2_500, quick: 1_500, tiny: 150 }[scale];
    return {
      async round() {
        const bare = await store(parley, 'pg', forMs);
        const ours = await store(parley, 'ours', forMs);
        return [
          {
            id: 'c2 rate',
            what: 'storage layer alone, against rows one by one with pg',
            unit: 'messages/s',
            bare: bare.perSecond,
            ours: ours.perSecond,
            target: { by: 'ratio', atLeast: 2 },
          },
          {
            id: 'c2 lone',
            what: 'p50 of one message alone',
            unit: 'ms',
            bare: bare.loneP50Ms,
            ours: ours.loneP50Ms,
            target: { by: 'ratio', atMost: 1.5 },
          },
        ];
      },
      close: () => parley.stop(),
    };
  },
};

/** Rooms of their own for each run: the bare one does not count in the conversation's row. */
async function store({ database, databaseUrl, room }: Parley, mode: string, forMs: number): Promise<Stored> {
  const rooms: { chatRoomId: string; userId: string }[] = [];
  for (let count = 0; count < ROOMS; count++) {
    const { chatRoomId } = await room(10);
    const { rows } = await database.query<{ userId: string }>(
      'SELECT user_id AS "userId" FROM participants WHERE conversation_id = $1 LIMIT 1',
      [chatRoomId],
    );
    rooms.push({ chatRoomId, userId: rows[0]?.userId ?? '' });
  }
  const env = {
    ...{ MODE: mode, DATABASE_URL: databaseUrl, FOR_MS: String(forMs), ROOMS: JSON.stringify(rooms), FIRST_SEQ: '0' },
    ...{ NODE_ENV: 'production', JWT_SECRET: 'x'.repeat(40), FRONTEND_URL: 'http://localhost:3000' },
    PATH: process.env['PATH'],
    HOME: process.env['HOME'],
  };
  const { stdout } = await run(process.execPath, [FILE], { env });
  return JSON.parse(/^{"perSecond".*$/m.exec(stdout)?.[0] ?? '') as Stored;
}
