import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, it } from '@jest/globals';
import type { ChatRoomResponse } from '../../src/chat-rooms/dto/chat-room.response.dto.js';
import type { MessageResponse } from '../../src/messages/dto/message.response.dto.js';
import type { SyncResponse } from '../../src/messages/dto/sync.response.dto.js';
import { freePort } from '../../src/prisma/embedded/free-port.js';
import { Balancer } from '../support/balancer.js';
import { createTestDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { Ledger, inWords } from '../support/ledger.js';
import { heapSlope, vitalsOf, type Vitals } from '../support/node-vitals.js';
import { Person, Rest } from '../support/person.js';
import { Random, seed } from '../support/random.js';
import { RedisServer } from '../support/redis-server.js';
import { RoomReader } from '../support/room-reader.js';
import { ScriptedOpenAi } from '../support/scripted-openai.js';
import { ServerProcess } from '../support/server-process.js';
import { SessionReader } from '../support/session-reader.js';

/** Seconds of load; the long form of RELIABILITY row R7 is SOAK_S=1800. */
const SOAK_S = Number(process.env['SOAK_S'] ?? 30);
/** From this length on a slope of the heap means something. */
const LONG_S = 600;
const ROOMS = 4;
const PEOPLE = 12;
const MEMBERS = 6;
const SAY_EVERY_MS = 400;
const ASK_EVERY_MS = 2_000;
const CUT_EVERY_MS = 700;
const SAMPLE_MS = 1_000;
/** Files and timers that come and go by themselves: connections to the database, to Redis, keep-alive. */
const SLACK = 25;
/** MiB an hour that the heap of a node may grow by, measured over half an hour of garbage collection. */
const STEEPEST = 40;

/** One of the nodes, at one address through all its lives. */
class SoakNode {
  server!: ServerProcess;
  samples: Vitals[] = [];
  atRest!: Vitals;

  constructor(
    private readonly env: Readonly<Record<string, string>>,
    readonly port: number,
  ) {}

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async start(): Promise<void> {
    this.server = await ServerProcess.start({ ...this.env, PORT: String(this.port) });
    this.samples = [];
  }

  vitals(token: string): Promise<Vitals> {
    return vitalsOf(this.url, this.server.pid, token);
  }
}

describe('two nodes under mixed load', () => {
  const cleanups: (() => Promise<unknown>)[] = [];
  afterAll(async () => {
    for (const cleanup of cleanups.reverse()) await cleanup();
  });

  it(`lose, double and turn round nothing in ${SOAK_S} s with a restart of each, and hold on to nothing`, async () => {
    const from = seed();
    const random = new Random(from);
    const [database, redis, model] = await Promise.all([
      createTestDatabase(),
      RedisServer.start(),
      ScriptedOpenAi.start(),
    ]);
    cleanups.push(
      () => database.drop(),
      () => redis.kill(),
      () => model.stop(),
    );
    model.script(() => ({ deltas: Array.from({ length: 40 }, (_, word) => `word${word} `), everyMs: 20 }));
    const env = {
      DATABASE_URL: database.url,
      REDIS_URL: redis.url,
      JWT_SECRET: 'a secret that both of the nodes know well',
      OPENAI_BASE_URL: model.baseUrl,
      REST_LIMIT_PER_MINUTE: '10000000',
      SOCKET_EVENTS_PER_MINUTE: '10000000',
      MAX_SOCKETS_PER_USER: '1000',
      MAX_SOCKETS_PER_ADDRESS: '100000',
      REGISTER_LIMIT_PER_HOUR: '1000',
      RATE_LIMIT_MS: '0',
      AI_LEASE_MS: '3000',
      ACCESS_TOKEN_TTL_S: '86400',
    };
    const nodes = [new SoakNode(env, await freePort()), new SoakNode(env, await freePort())] as const;
    for (const node of nodes) {
      await node.start();
      cleanups.push(() => node.server.stop());
    }
    const balancer = await Balancer.start(nodes.map(({ url }) => url));
    cleanups.push(() => balancer.stop());
    const people: Person[] = [];
    for (let index = 0; index < PEOPLE; index++)
      people.push(await Person.register(balancer.url, `soak-${index}@example.com`, `the password of soak ${index}`));
    const [ada] = people as [Person];
    for (const node of nodes) node.atRest = await node.vitals(ada.token!);

    const ledger = new Ledger();
    const readers: RoomReader[] = [];
    const rooms: { id: string; members: Person[] }[] = [];
    for (let place = 0; place < ROOMS; place++) {
      const members = Array.from({ length: MEMBERS }, (_, index) => people[(place * 3 + index) % PEOPLE]!);
      const [owner, ...others] = members as [Person, ...Person[]];
      const room = { type: 'GROUP', participantIds: others.map(({ id }) => id) };
      const { body } = await owner.post<ChatRoomResponse>('/chat-rooms', room);
      rooms.push({ id: body.id, members });
      for (const member of members)
        readers.push(
          new RoomReader(member, body.id, new Random(random.between(0, 1e9)), 'careful', ['websocket', 'sse', 'rest']),
        );
    }
    const sessions = await Promise.all(
      people.slice(0, 6).map(async (person) => new SessionReader(person, await person.session({ title: 'soak' }))),
    );
    for (const reader of [...readers, ...sessions]) reader.start(balancer.url);

    const endAt = performance.now() + SOAK_S * 1_000;
    const isOn = () => performance.now() < endAt;
    let refused = 0;
    /** Sends until it is acknowledged, as a good client does. */
    const send = async (person: Person, path: string, body: object): Promise<MessageResponse> => {
      for (;;) {
        const answer = await new Rest(balancer.url, person.token).post<MessageResponse>(path, body).catch(() => null);
        if (answer?.status === 201) return answer.body;
        refused++;
        const isKind = answer === null || (answer.status === 503 && answer.headers.has('retry-after'));
        if (!isKind) throw new Error(`${path} answered ${answer.status} ${JSON.stringify(answer.body)}`);
        await sleep(100 + Math.random() * 100);
      }
    };
    const acknowledged = (conversationId: string, { id: messageId, seq }: MessageResponse, clientMessageId: string) =>
      ledger.ack({ conversationId, messageId, seq, clientMessageId });
    const talk = async (room: (typeof rooms)[number], person: Person) => {
      while (isOn()) {
        const clientMessageId = randomUUID();
        const body = { content: `said ${random.next()}`, clientMessageId };
        acknowledged(room.id, await send(person, `/chat-rooms/${room.id}/messages`, body), clientMessageId);
        await sleep(SAY_EVERY_MS * (0.5 + Math.random()));
      }
    };
    const ask = async ({ person, sessionId }: SessionReader) => {
      while (isOn()) {
        const clientMessageId = randomUUID();
        const body = { sessionId, role: 'user', content: 'tell me', clientMessageId };
        acknowledged(sessionId, await send(person, '/messages', body), clientMessageId);
        await sleep(ASK_EVERY_MS * (0.5 + Math.random()));
      }
    };
    const cut = async () => {
      while (isOn()) {
        random.pick<RoomReader | SessionReader>([...readers, ...sessions]).cut();
        await sleep(CUT_EVERY_MS);
      }
    };
    const watch = async () => {
      while (isOn()) {
        for (const node of nodes)
          await node.vitals(ada.token!).then(
            (vitals) => node.samples.push(vitals),
            () => undefined,
          );
        await sleep(SAMPLE_MS);
      }
    };
    const restart = async () => {
      await sleep(SOAK_S * 250);
      for (const node of nodes) {
        expect((await node.server.stop()).code).toBe(0);
        await node.start();
        await sleep(SOAK_S * 100);
      }
    };
    await Promise.all([
      ...rooms.flatMap((room) => room.members.slice(0, 3).map((member) => talk(room, member))),
      ...sessions.map(ask),
      cut(),
      watch(),
      restart(),
    ]);

    const headOf = async (person: Person, id: string) =>
      (await person.get<SyncResponse>(`/conversations/${id}/sync?since=0`)).body.head;
    for (const [place, { id, members }] of rooms.entries()) {
      const head = await headOf(members[0]!, id);
      const own = readers.slice(place * MEMBERS, (place + 1) * MEMBERS);
      await Promise.all(own.map((reader) => reader.finish(balancer.url, head)));
      for (const [index, { replica }] of own.entries()) {
        ledger.receiver(`${id} ${index}`, id);
        const places = [...replica.messages.values()].map(({ seq }) => seq).sort((one, other) => one - other);
        for (const seq of places) ledger.see(`${id} ${index}`, id, seq);
      }
    }
    let different = 0;
    for (const reader of sessions) {
      const { person, sessionId, replica } = reader;
      const isQuiet = async () => (await person.messages(sessionId)).every(({ status }) => status !== 'streaming');
      await eventually(isQuiet, 30_000);
      await reader.finish(balancer.url, await headOf(person, sessionId));
      ledger.receiver(sessionId, sessionId);
      for (const { seq } of replica.list()) ledger.see(sessionId, sessionId, seq);
      const fresh = await person.messages(sessionId);
      const known = new Map(replica.list().map((message) => [message.id, message]));
      different += fresh.filter(({ id, content, status }) => {
        const mine = known.get(id);
        return mine?.content !== content || mine.status !== status;
      }).length;
    }
    const books = await ledger.balance(database.url);
    const sum = (of: (fault: { dup: number; inversions: number }) => number) =>
      [...readers, ...sessions].reduce((all, { replica }) => all + of(replica.faults), 0);
    const figures = {
      ...books,
      different,
      told_twice: sum(({ dup }) => dup),
      inversions: books.inversions + sum(({ inversions }) => inversions),
      answers: model.calls.length,
      connections: [...readers, ...sessions].reduce((all, { connections }) => all + connections, 0),
      refused,
    };
    console.info(`seed ${from}, ${SOAK_S} s: ${inWords(figures)}`);
    expect(figures).toMatchObject({ lost: 0, dup: 0, inversions: 0, different: 0, told_twice: 0 });

    for (const [place, node] of nodes.entries()) {
      const loaded = node.samples;
      const settled = async () => {
        const now = await node.vitals(ada.token!);
        const isDone =
          now.connections === 0 && now.files <= node.atRest.files + SLACK && now.timers <= node.atRest.timers + SLACK;
        return isDone ? now : null;
      };
      const after = await eventually(settled, 30_000);
      const slope = heapSlope(loaded.slice(Math.floor(loaded.length / 4)));
      const most = (key: 'files' | 'timers' | 'handles') => Math.max(...loaded.map((it) => it[key]));
      const told = (['files', 'timers', 'handles'] as const)
        .map((key) => `${key} ${node.atRest[key]} -> ${most(key)} -> ${after[key]}`)
        .join(', ');
      console.info(
        `node ${place}: heap ${inMiB(node.atRest.heap)} -> ${inMiB(after.heap)} MiB, slope ${slope.toFixed(1)} MiB/h, ` +
          `rss ${inMiB(node.atRest.rss)} -> ${inMiB(after.rss)} MiB, ${told}`,
      );
      if (SOAK_S >= LONG_S) expect(slope).toBeLessThan(STEEPEST);
    }
  }, 3_600_000);
});

const inMiB = (bytes: number): string => (bytes / 2 ** 20).toFixed(0);
