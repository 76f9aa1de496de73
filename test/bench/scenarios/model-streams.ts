import { randomUUID } from 'node:crypto';
import { LoadClient } from '../load-client.js';
import type { Figure, Scenario, Target } from '../scenario.js';
import { sign, startBare, startParley, type BareServer, type Parley } from '../servers.js';
import { askModel, StreamLoad, type StreamFigures } from '../stream-load.js';

interface Session {
  sessionId: string;
  token: string;
}

const STREAM_EVENT = Buffer.from('42/chat,["message:stream"');
const WARM_UP = { full: 200, quick: 200, tiny: 2 };
const CASES = [
  { answers: 50, listeners: 1 },
  { answers: 200, listeners: 1 },
  { answers: 200, listeners: 10 },
];

/** (b) Answers of a model at 50 deltas a second each, against the model itself and against a bare relay to Socket.IO. */
export const modelStreams: Scenario = {
  ids: ['b1', 'b2', 'b3'],
  async open(scale, isWanted) {
    const deltas = { full: 200, quick: 100, tiny: 5 }[scale];
    const model = await startBare('model', { DELTAS: String(deltas) });
    const relay = await startBare('relay-socketio', { MODEL_PORT: String(model.port) });
    const parley = await startParley({
      OPENAI_BASE_URL: `http://127.0.0.1:${model.port}/v1`,
      OPENAI_API_KEY: 'none',
      AI_MAX_RUNNING: '1000',
      RATE_LIMIT_MS: '0',
    });
    // What has just started is not compiled yet; a server in use is.
    const first = await addSessions(parley, WARM_UP[scale]);
    for (const server of [relay, parley]) await measure(server, first, 1, deltas);
    return {
      async round() {
        const figures: Figure[] = [];
        for (const { answers, listeners } of CASES) {
          if (!idsOf(listeners).some(isWanted)) continue;
          const size = scale === 'tiny' ? 2 : answers;
          const sessions = await addSessions(parley, size);
          const direct = await measureModel(model, size, deltas);
          const bare = await measure(relay, sessions, listeners, deltas);
          const ours = await measure(parley, sessions, listeners, deltas);
          const name = `${answers}x${listeners}`;
          figures.push(...figuresOf(name, listeners, direct, bare, ours));
        }
        return figures;
      },
      close: async () => {
        for (const server of [parley, relay, model]) await server.stop();
      },
    };
  },
};

const idsOf = (listeners: number) => (listeners === 1 ? ['b1', 'b3'] : ['b2', 'b3']);

function figuresOf(
  name: string,
  listeners: number,
  direct: StreamFigures,
  bare: StreamFigures,
  ours: StreamFigures,
): Figure[] {
  const isAlone = listeners === 1;
  const id = `${isAlone ? 'b1' : 'b2'}-${name}`;
  const lost = ours.lost;
  const added = (key: keyof StreamFigures, what: string, atMost: number): Figure => ({
    id: `${id} ${what}`,
    what: `${what} over the model directly`,
    unit: 'ms',
    bare: direct[key],
    ours: ours[key],
    target: { by: 'difference', atMost },
    lost,
  });
  const beside = (figure: string, key: keyof StreamFigures, what: string, unit: string, target: Target): Figure => ({
    id: figure,
    what,
    unit,
    bare: bare[key],
    ours: ours[key],
    target,
  });
  const processor = beside(`b3-${name}`, 'processorMicros', 'processor time, against a bare relay', 'µs/delta', {
    by: 'ratio',
    atMost: isAlone ? 1.15 : 0.9,
  });
  if (isAlone)
    return [
      added('deltaP50Ms', 'delta p50', 0.8),
      added('deltaP99Ms', 'delta p99', 3),
      added('firstP50Ms', 'first delta p50', 1.5),
      added('firstP99Ms', 'first delta p99', 5),
      processor,
    ];
  const p99 = (figure: string, target: Target) =>
    beside(`${id} ${figure}`, 'deltaP99Ms', 'delta p99, against a bare relay', 'ms', target);
  return [
    p99('delta p99', { by: 'value', atMost: 60 }),
    p99('delta p99 ratio', { by: 'ratio', atMost: 0.6 }),
    added('firstP50Ms', 'first delta p50', 3),
    added('firstP99Ms', 'first delta p99', 25),
    processor,
  ];
}

async function measureModel({ port }: BareServer, answers: number, deltas: number): Promise<StreamFigures> {
  const load = new StreamLoad();
  const streams = Array.from({ length: answers }, () => randomUUID());
  const begin = (stream: string) => askModel(port, (bytes) => load.take(stream, bytes, 0, bytes.length));
  return load.run(streams, begin, { deltas, listeners: 1, pid: null });
}

async function measure(
  { port, pid }: BareServer,
  sessions: readonly Session[],
  listeners: number,
  deltas: number,
): Promise<StreamFigures> {
  const load = new StreamLoad();
  const askers = new Map<string, LoadClient>();
  const clients: LoadClient[] = [];
  for (const { sessionId, token } of sessions) {
    const connecting = Array.from({ length: listeners }, () => LoadClient.connect(port, token));
    for (const client of await Promise.all(connecting)) {
      await client.ask('join', { sessionId });
      client.onEvent = (bytes, start, end) => {
        if (bytes.compare(STREAM_EVENT, 0, STREAM_EVENT.length, start, start + STREAM_EVENT.length) === 0)
          load.take(sessionId, bytes, start, end);
      };
      askers.set(sessionId, client);
      clients.push(client);
    }
  }
  const begin = (sessionId: string) => askers.get(sessionId)?.emit('message:send', { sessionId, content: 'Well?' });
  const figures = await load.run([...askers.keys()], begin, { deltas, listeners, pid });
  for (const client of clients) client.close();
  return figures;
}

/** Sessions of one person each; they have titles, so that none is asked of the model. */
async function addSessions({ database }: Parley, count: number): Promise<Session[]> {
  const { rows } = await database.query<{ person: string; family: string; session: string }>(
    `WITH given AS MATERIALIZED (
       SELECT uuidv7() AS person, uuidv7() AS family, uuidv7() AS session FROM generate_series(1, $1::int)
     ), person AS (INSERT INTO users (id, email, name) SELECT person, person || '@example.com', 'Asker' FROM given),
     family AS (
       INSERT INTO refresh_families (id, user_id, expires_at) SELECT family, person, now() + interval '1 day' FROM given
     ), conversation AS (INSERT INTO conversations (id, kind) SELECT session, 'session' FROM given),
     session AS (INSERT INTO sessions (id, owner_id, title, updated_at) SELECT session, person, 'Load', now() FROM given)
     SELECT * FROM given`,
    [count],
  );
  return rows.map(({ person, family, session }) => ({ sessionId: session, token: sign(person, family) }));
}
