import { spawn, type ChildProcess } from 'node:child_process';
import { createHmac, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { OwnPostgres } from '../support/own-postgres.js';
import { SERVER_FLAGS, ServerProcess } from '../support/server-process.js';

import type { Scale } from './scenario.js';

const SECRET = 'the secret of a benchmark on loopback';
const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
/** Log lines come between those for people. */
const READY_IN_PRODUCTION = /is listening on .*\bData {2,}/s;
const TOKEN_LIFE_S = 24 * 3600;

/** A server under load: people whose tokens it takes, and rooms that they are in. */
export interface BenchServer {
  readonly name: string;
  readonly port: number;
  readonly pid: number;
  /** Makes a room; returns its id and the tokens of its members. */
  room(members: number): Promise<{ chatRoomId: string; tokens: string[] }>;
  stop(): Promise<void>;
}

export type BareServer = Pick<BenchServer, 'port' | 'pid' | 'stop'>;

export interface Parley extends BenchServer {
  readonly database: pg.Client;
  readonly databaseUrl: string;
}

/** A server of `servers/`, as a process of its own; it prints its port. */
export async function startBare(
  name: string,
  env: Readonly<Record<string, string>> = {},
  flags: readonly string[] = [],
): Promise<BareServer> {
  const file = fileURLToPath(new URL(`./servers/${name}.mjs`, import.meta.url));
  const child = spawn(process.execPath, [...flags, file], {
    env: { JWT_SECRET: SECRET, NODE_ENV: 'production', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [port] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  return { port: Number(port), pid: child.pid ?? 0, stop: () => end(child) };
}

/** Socket.IO with nothing around it. */
export async function startBareSocketIo(flags: readonly string[] = []): Promise<BenchServer> {
  const server = await startBare('bare-socketio', {}, flags);
  const tokens = (members: number) => Array.from({ length: members }, () => sign(randomUUID(), randomUUID()));
  return {
    ...server,
    name: 'bare Socket.IO',
    room: (members) => Promise.resolve({ chatRoomId: randomUUID(), tokens: tokens(members) }),
  };
}

/** The built server as it runs in production, on a PostgreSQL of its own; only limits of use are raised. */
export async function startParley(
  env: Readonly<Record<string, string>> = {},
  flags: readonly string[] = [],
): Promise<Parley> {
  const postgres = await OwnPostgres.start();
  const server = spawnParley(postgres.url, env, flags);
  await server.waitFor(READY_IN_PRODUCTION);
  const database = new pg.Client({ connectionString: postgres.url });
  await database.connect();
  return {
    name: 'Parley',
    port: Number(new URL(server.url).port),
    pid: server.pid,
    database,
    databaseUrl: postgres.url,
    room: (members) => addRoom(database, members),
    stop: async () => {
      await database.end();
      await server.stop();
      await postgres.remove();
    },
  };
}

let shared: Promise<Parley> | null = null;

/** A server of the scenario's own, except where no figure counts: there one serves all, until `stopShared`. */
export async function parleyFor(scale: Scale): Promise<Parley> {
  if (scale !== 'tiny') return startParley();
  shared ??= startParley();
  return { ...(await shared), stop: () => Promise.resolve() };
}

export async function stopShared(): Promise<void> {
  const parley = await shared;
  await parley?.stop();
}

/** Starts the built server on a database; it is not ready yet. */
export function spawnParley(
  databaseUrl: string,
  env: Readonly<Record<string, string>> = {},
  flags: readonly string[] = [],
): ServerProcess {
  const limits = { SOCKET_EVENTS_PER_MINUTE: '1000000', REST_LIMIT_PER_MINUTE: '10000000' };
  const sockets = { MAX_SOCKETS_PER_ADDRESS: '100000', MAX_SOCKETS_PER_USER: '1000' };
  const production = { NODE_ENV: 'production', LOG_LEVEL: 'info', JWT_SECRET: SECRET };
  const all = {
    ...production,
    DATABASE_URL: databaseUrl,
    FRONTEND_URL: 'http://localhost:3000',
    ...limits,
    ...sockets,
  };
  const folder = process.env['BENCH_PROFILES'];
  const profile = folder === undefined ? [] : ['--cpu-prof', '--cpu-prof-dir', folder];
  return ServerProcess.spawn({ ...all, ...env }, [...SERVER_FLAGS, ...profile, ...flags, MAIN]);
}

/** Straight into the tables: a thousand registrations would measure password hashing. */
async function addRoom(database: pg.Client, members: number): Promise<{ chatRoomId: string; tokens: string[] }> {
  const { rows } = await database.query<{ room: string; person: string; family: string }>(
    `WITH person AS (
       INSERT INTO users (id, email, name) SELECT uuidv7(), uuidv7() || '@example.com', 'Member ' || n
       FROM generate_series(1, $1::int) n RETURNING id
     ), family AS (
       INSERT INTO refresh_families (id, user_id, expires_at) SELECT uuidv7(), id, now() + interval '1 day' FROM person
       RETURNING id, user_id
     ), conversation AS (INSERT INTO conversations (id, kind) VALUES (uuidv7(), 'room') RETURNING id),
     room AS (
       INSERT INTO chat_rooms (id, type, name) SELECT id, 'GROUP', 'Load' FROM conversation RETURNING id
     ), participant AS (
       INSERT INTO participants (conversation_id, user_id) SELECT room.id, person.id FROM room, person
     )
     SELECT room.id AS room, family.user_id AS person, family.id AS family FROM room, family`,
    [members],
  );
  return { chatRoomId: rows[0]?.room ?? '', tokens: rows.map(({ person, family }) => sign(person, family)) };
}

/** A token that every server of the bench takes. */
export function sign(userId: string, signInId: string): string {
  const now = Math.floor(Date.now() / 1000);
  const claims = { typ: 'access', sub: userId, sid: signInId, jti: randomUUID(), iss: 'parley', aud: 'parley' };
  const parts = [
    { alg: 'HS256', typ: 'JWT' },
    { ...claims, iat: now, exp: now + TOKEN_LIFE_S },
  ];
  const body = parts.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  return `${body}.${createHmac('sha256', SECRET).update(body).digest('base64url')}`;
}

async function end(child: ChildProcess): Promise<void> {
  child.kill('SIGTERM');
  await once(child, 'exit');
}
