import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { WatchService, type WatchSnapshot } from '../../src/gateway/delivery/watch.service.js';
import type { MessageResponse } from '../../src/messages/dto/message.response.dto.js';
import { TestApp } from '../support/app.js';
import { DatabaseState } from '../support/database-state.js';
import { eventually } from '../support/eventually.js';
import { FaultProxy } from '../support/fault-proxy.js';
import { Ledger, inWords } from '../support/ledger.js';
import type { Person } from '../support/person.js';
import { Random, rounds, seed } from '../support/random.js';
import { RandomActor, randomSteps } from '../support/random-session.js';
import { Replica, type ReplicaFaults } from '../support/replica.js';
import { ScriptedOpenAi } from '../support/scripted-openai.js';
import {
  WATCH_WIRES,
  watchSession,
  watchWithoutCursor,
  type Watch,
  type WatchTarget,
} from '../support/session-watch.js';

const ACTIONS = 10;
const DEVICES = 4;
const AT_ONCE = 4;

interface Figures extends ReplicaFaults {
  schedules: number;
  connections: number;
  cuts: number;
  compared: number;
  /** Replicas that differ from a fresh read. */
  different: number;
}

/** A device that watches a session through broken connections, each resumed on any wire, until it is told to finish. */
class Device {
  readonly replica = new Replica();
  connections = 0;
  private isFinishing = false;
  private lastEventId: string | null = null;
  private current: { close(): void } | null = null;
  private readonly running: Promise<void>;

  constructor(
    readonly name: string,
    private readonly target: WatchTarget,
    private readonly random: Random,
    private readonly hasCursor: boolean,
    ledger: Ledger,
  ) {
    ledger.receiver(name, target.sessionId);
    this.running = this.run();
  }

  /** Goes on without faults until it knows all up to `head` and nothing is being written. */
  async finish(url: string, head: number, patienceMs: number): Promise<void> {
    this.isFinishing = true;
    this.current?.close();
    await this.running;
    const last = this.connect(url);
    const isUpToDate = () => this.replica.cursor >= head && !this.replica.isStreaming;
    // One that never is differs from a fresh read, and is counted there.
    if (this.hasCursor) await eventually(isUpToDate, patienceMs).catch(() => undefined);
    last.close();
    await last.over;
  }

  private async run(): Promise<void> {
    while (!this.isFinishing) {
      const watch = this.connect(this.target.url);
      this.current = watch;
      await watch.over;
      this.lastEventId = watch.lastEventId ?? null;
    }
  }

  private connect(url: string): Watch & { lastEventId?: string | null } {
    this.connections++;
    const target = { ...this.target, url };
    if (!this.hasCursor) return watchWithoutCursor(target, this.replica);
    return watchSession(this.random.pick(WATCH_WIRES), target, this.replica, this.lastEventId);
  }
}

async function freshRead(person: Person, sessionId: string): Promise<MessageResponse[]> {
  const pages: MessageResponse[] = [];
  for (let after = 0; ; after = pages.at(-1)!.seq) {
    const { body } = await person.get<MessageResponse[]>(`/messages/${sessionId}?after=${after}&limit=7`);
    if (body.length === 0) return pages;
    pages.push(...body);
  }
}

interface World {
  app: TestApp;
  state: DatabaseState;
  proxy: FaultProxy;
  ledger: Ledger;
  haveCursor: boolean;
  patienceMs: number;
}

/** What a control leaves out. */
interface Variant {
  haveCursor?: boolean;
  breakServer?: (app: TestApp) => void;
}

const LIMITS = {
  REST_LIMIT_PER_MINUTE: '10000000',
  SOCKET_EVENTS_PER_MINUTE: '10000000',
  MAX_SOCKETS_PER_USER: '100000',
  MAX_SOCKETS_PER_ADDRESS: '100000',
  AI_MAX_RUNNING_PER_USER: '50',
};

describe('a reader that comes back', () => {
  let model: ScriptedOpenAi;

  beforeAll(async () => {
    model = await ScriptedOpenAi.start();
  });

  afterAll(() => model.stop());

  /** One random schedule: what a person does, what happens to the connections, and what every device ends up with. */
  async function schedule(world: World, random: Random, figures: Figures): Promise<void> {
    const { app, state, proxy, ledger, haveCursor } = world;
    const person = await app.person();
    const sessionId = await person.session({ title: 'titled' });
    const target = { url: proxy.url, token: person.token!, sessionId };
    const devices = Array.from(
      { length: DEVICES },
      (_, index) => new Device(`${sessionId} ${index}`, target, new Random(random.between(0, 1e9)), haveCursor, ledger),
    );
    const actor = new RandomActor(person, proxy.url, sessionId, random, ledger);
    for (let action = 0; action < ACTIONS; action++) {
      const atOnce = random.chance(0.3) ? random.between(2, 4) : 1;
      await Promise.all(Array.from({ length: atOnce }, () => actor.act()));
    }
    await state.quietIn(sessionId);
    const { head } = (await person.get<{ head: number }>(`/conversations/${sessionId}/sync?since=0`)).body;
    await Promise.all(devices.map((device) => device.finish(app.url, head, world.patienceMs)));
    const fresh = await freshRead(person, sessionId);
    const synced = (await person.get<{ messages: MessageResponse[] }>(`/conversations/${sessionId}/sync?since=0`)).body;
    expect(synced.messages.sort((a, b) => a.seq - b.seq)).toEqual(fresh);
    figures.schedules++;
    for (const { replica, connections, name } of devices) {
      if (JSON.stringify(replica.list()) !== JSON.stringify(fresh)) figures.different++;
      for (const { seq } of replica.list()) ledger.see(name, sessionId, seq);
      figures.connections += connections;
      figures.compared += replica.compared;
      for (const fault of Object.keys(replica.faults) as (keyof ReplicaFaults)[])
        figures[fault] += replica.faults[fault];
    }
  }

  async function experiment(name: string, count: number, from: number, variant: Variant = {}) {
    const app = await TestApp.start({ OPENAI_BASE_URL: model.baseUrl, ...LIMITS });
    variant.breakServer?.(app);
    const state = await DatabaseState.of(app.database.url);
    const random = new Random(from);
    const proxy = await FaultProxy.start(app.url);
    proxy.fault = () => ({
      cutAfter: random.chance(0.85) ? { down: random.between(150, 6000) } : { up: random.between(100, 2500) },
    });
    model.script(...randomSteps(random, 2000));
    const figures: Figures = {
      ...{ schedules: 0, connections: 0, cuts: 0, compared: 0, different: 0 },
      ...new Replica().faults,
    };
    const ledger = new Ledger();
    const world = {
      app,
      state,
      proxy,
      ledger,
      haveCursor: variant.haveCursor ?? true,
      patienceMs: variant.breakServer ? 1000 : 10_000,
    };
    let left = count;
    const worker = async () => {
      while (left-- > 0) await schedule(world, new Random(random.between(0, 1e9)), figures);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    figures.cuts = proxy.cuts;
    await proxy.stop();
    const { acked, persisted, delivered, lost } = await ledger.balance(app.database.url);
    console.info(`${name}, seed ${from}: ${inWords({ ...figures, acked, persisted, delivered, lost })}`);
    await state.close();
    await app.close();
    return { ...figures, lost };
  }

  it('ends up with what a fresh read gives, over any wire, wherever its connections were cut', async () => {
    const count = rounds(30);
    const figures = await experiment('resumed', count, seed());
    expect(figures).toMatchObject({
      ...{ schedules: count, different: 0, lost: 0 },
      ...{ dup: 0, inversions: 0, jumps: 0, holes: 0, late: 0, mismatches: 0 },
    });
    expect(figures.cuts).toBeGreaterThan(count);
    expect(figures.compared).toBeGreaterThan(count);
  }, 3_600_000);

  it('misses messages when it has no cursor, as plain Socket.IO has none (control)', async () => {
    const figures = await experiment('control without a cursor', 4, 1, { haveCursor: false });
    expect(figures.lost).toBeGreaterThan(0);
    expect(figures.different).toBeGreaterThan(0);
  });

  it('misses events when the server reads first and lets readers in later (control)', async () => {
    const breakServer = (app: TestApp) => {
      const watching = app.get(WatchService);
      const { open } = watching;
      watching.open = async (actor, sessionId, connectionId, since, enter) => {
        const read = Promise.withResolvers<WatchSnapshot>();
        await open.call(watching, actor, sessionId, connectionId, since, read.resolve);
        const early = await read.promise;
        await sleep(20);
        await open.call(watching, actor, sessionId, connectionId, undefined, () => enter(early));
      };
    };
    const figures = await experiment('control with a gap before the first event', 4, 1, { breakServer });
    expect(figures.jumps + figures.holes + figures.different).toBeGreaterThan(0);
  });
});
