import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { DeskFrame } from '../../src/gateway/contract/desk-frames.js';
import { Desk, type DeskClient, type DeskCustomer } from '../support/desk.js';
import { DeskSocket } from '../support/desk-socket.js';
import { FaultProxy } from '../support/fault-proxy.js';
import { Random, rounds, seed } from '../support/random.js';

const CHATS = 5;

/** A desk that comes back with its cursor, or without one, whenever its connection breaks. */
class PatientDesk {
  readonly frames: DeskFrame[] = [];
  connections = 0;
  private isOver = false;
  private current: DeskSocket | null = null;
  private cursor: string | undefined;
  readonly done: Promise<void>;

  constructor(
    private readonly url: string,
    private readonly token: string | null,
    private readonly resumes: boolean,
  ) {
    this.done = this.run();
  }

  /** Ends once everything until now has come. */
  async end(): Promise<void> {
    this.isOver = true;
    this.current?.close();
    await this.done;
    const last = await this.connect();
    if (this.resumes) await last.next('synced');
    await last.caughtUp();
    this.take();
  }

  private async run(): Promise<void> {
    while (!this.isOver) {
      try {
        const { socket, closed } = await this.connect();
        if (this.isOver) socket.terminate();
        else if (!closed) await once(socket, 'close');
      } catch {
        await sleep(5);
      }
      this.take();
    }
  }

  private async connect(): Promise<DeskSocket> {
    const since = this.resumes ? this.cursor : undefined;
    const query = `token=${this.token}${since === undefined ? '' : `&since=${since}`}`;
    this.current = await DeskSocket.open(this.url, query);
    this.connections++;
    return this.current;
  }

  private take(): void {
    if (!this.current) return;
    this.frames.push(...this.current.frames);
    this.cursor = this.current.cursor ?? this.cursor;
    this.current.close();
    this.current = null;
  }
}

describe('desks whose connections break all the time', () => {
  let desk: Desk;
  let proxy: FaultProxy;
  let holder: DeskClient;
  let customers: DeskCustomer[];

  beforeAll(async () => {
    desk = await Desk.start({ SLA_FIRST_RESPONSE_S: '0' });
    proxy = await FaultProxy.start(desk.app.url);
    holder = await desk.operator();
    customers = await Promise.all(Array.from({ length: CHATS }, () => desk.waiting()));
    for (const { chatId } of customers) await holder.move(chatId, 'take');
  });
  afterEach(() => {
    proxy.fault = () => ({});
  });
  afterAll(async () => {
    await proxy.stop();
    await desk.close();
  });

  async function talk(resumes: boolean, messages: number, random: Random) {
    const first = new PatientDesk(proxy.url, holder.token, resumes);
    const second = new PatientDesk(proxy.url, desk.admin.token, resumes);
    const said: string[] = [];
    await sleep(300);
    proxy.fault = () => ({ cutAfter: { down: random.between(2_000, 40_000) } });
    proxy.cutAll();
    await Promise.all(
      customers.map(async (customer) => {
        for (let count = 0; count < messages; count++) {
          const text = `${resumes ? 'with' : 'without'} ${count} ${customer.chatId}`;
          await customer.say(text, text);
          said.push(text);
          if (random.chance(0.1)) await holder.reply(customer.chatId, `yes ${text}`);
          await sleep(random.between(0, 20));
        }
      }),
    );
    proxy.fault = () => ({});
    proxy.cutAll();
    await Promise.all([first.end(), second.end()]);
    return [first, second].map((patient) => ({ ...judge(patient.frames, said), connections: patient.connections }));
  }

  function judge(frames: readonly DeskFrame[], said: readonly string[]) {
    const texts = new Set<string>();
    const heads = new Map<string, number>();
    let [again, inversions] = [0, 0];
    for (const frame of frames) {
      if (frame.type !== 'new_message') continue;
      const { chatId, message } = frame.data;
      if (texts.has(message.text)) {
        again++;
        continue;
      }
      texts.add(message.text);
      if (message.seq < (heads.get(chatId) ?? 0)) inversions++;
      heads.set(chatId, Math.max(heads.get(chatId) ?? 0, message.seq));
    }
    return { lost: said.filter((text) => !texts.has(text)).length, inversions, again };
  }

  it('miss nothing and see it in order when they come back with their cursor, and miss much when they do not', async () => {
    const random = new Random(seed());
    const messages = rounds(40);
    const before = proxy.cuts;
    const outcomes = await talk(true, messages, random);
    const cuts = proxy.cuts - before;
    const controls = await talk(false, messages, random);
    console.info(
      `seed ${random.seed}: ${CHATS * messages} messages, ${cuts} cuts: ${JSON.stringify(outcomes)}; without a cursor ${JSON.stringify(controls)}`,
    );
    expect(cuts).toBeGreaterThan(5);
    for (const { lost, inversions } of outcomes) expect({ lost, inversions }).toEqual({ lost: 0, inversions: 0 });
    expect(controls.reduce((sum, { lost }) => sum + lost, 0)).toBeGreaterThan(0);
  }, 180_000);
});
