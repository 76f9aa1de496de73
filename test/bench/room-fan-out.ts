import { setTimeout as delay } from 'node:timers/promises';
import { median, percentile, processorSeconds } from './figures.js';
import { LoadClient } from './load-client.js';
import type { BenchServer } from './servers.js';

/** What is sent: `typing` is live only, `message` is stored first where the server stores. */
export type Kind = 'typing' | 'message';

export interface FanOutCase {
  kind: Kind;
  rooms: number;
  /** People in each room, the one who sends among them. */
  members: number;
  /** Events of one room that are sent before the first of them has reached everybody. */
  inFlight: number;
  /** How long each part is measured. */
  forMs: number;
}

export interface FanOutResult {
  deliveriesPerSecond: number;
  processorMicrosPerDelivery: number;
  /** At LATENCY_RATE deliveries/s. */
  p50Ms: number;
  p99Ms: number;
  lost: number;
}

const WARM_UP_SHARE = 0.4;
const LATENCY_RATE = 20_000;
/** Every so many-th member's delays are noted. */
const SAMPLE = 8;
const CONNECT_AT_ONCE = 50;
const TEXT = 'Of the length that people write, which is about a line of text, sometimes two, seldom more than that.';

/** The events that count; others come as well (presence, confirmations). */
const COUNTED: Record<Kind, Buffer> = {
  typing: Buffer.from('42/chat,["userTyping"'),
  message: Buffer.from('42/chat,["newMessage"'),
};

class LoadedRoom {
  sent = 0;
  received = 0;
  /** When each event was sent, in ms. */
  readonly sentAt: number[] = [];

  constructor(
    readonly chatRoomId: string,
    readonly sender: LoadClient,
    readonly others: LoadClient[],
  ) {}

  get deliveriesPerEvent(): number {
    return this.others.length;
  }

  send(kind: Kind): void {
    const { chatRoomId } = this;
    this.sentAt.push(performance.now());
    if (kind === 'typing') this.sender.emit('typing', { chatRoomId, isTyping: this.sent % 2 === 0 });
    else this.sender.emit('sendMessage', { chatRoomId, content: TEXT });
    this.sent++;
  }
}

/** Floods rooms of a server for its capacity, then sends at a steady pace for its delays. */
export async function measureFanOut(
  server: BenchServer,
  { kind, rooms, members, inFlight, forMs }: FanOutCase,
): Promise<FanOutResult> {
  const loaded: LoadedRoom[] = [];
  for (let count = 0; count < rooms; count++) loaded.push(await openRoom(server, members));
  const delays: number[] = [];
  let isSampling = false;
  let afterEach: ((room: LoadedRoom) => void) | null = null;
  const mark = COUNTED[kind];
  for (const room of loaded)
    room.others.forEach((client, index) => {
      let nth = 0;
      client.onEvent = (buffer, start, end) => {
        if (end - start < mark.length || buffer.compare(mark, 0, mark.length, start, start + mark.length) !== 0) return;
        if (isSampling && index % SAMPLE === 0) delays.push(performance.now() - room.sentAt[nth]!);
        nth++;
        room.received++;
        afterEach?.(room);
      };
    });
  const total = () => loaded.reduce((sum, { received }) => sum + received, 0);

  afterEach = (room) => {
    while (room.received >= room.deliveriesPerEvent * (room.sent - inFlight + 1)) room.send(kind);
  };
  for (const room of loaded) afterEach(room);
  await delay(forMs * WARM_UP_SHARE);
  const before = { at: performance.now(), deliveries: total(), processor: processorSeconds(server.pid) };
  await delay(forMs);
  const deliveries = total() - before.deliveries;
  const seconds = (performance.now() - before.at) / 1_000;
  const processor = processorSeconds(server.pid) - before.processor;
  afterEach = null;
  await allReceived(loaded);

  isSampling = true;
  await sendSteadily(loaded, kind, forMs);
  const lost = await allReceived(loaded);
  for (const { sender, others } of loaded) for (const client of [sender, ...others]) client.close();
  return {
    deliveriesPerSecond: deliveries / seconds,
    processorMicrosPerDelivery: (processor * 1e6) / deliveries,
    p50Ms: median(delays),
    p99Ms: percentile(delays, 0.99),
    lost,
  };
}

async function openRoom(server: BenchServer, members: number): Promise<LoadedRoom> {
  const { chatRoomId, tokens } = await server.room(members);
  const clients: LoadClient[] = [];
  while (clients.length < members) {
    const next = tokens.slice(clients.length, clients.length + CONNECT_AT_ONCE);
    const connected = await Promise.all(next.map((token) => LoadClient.connect(server.port, token)));
    await Promise.all(connected.map((client) => client.ask('joinChatRoom', { chatRoomId })));
    clients.push(...connected);
  }
  const [sender, ...others] = clients as [LoadClient, ...LoadClient[]];
  return new LoadedRoom(chatRoomId, sender, others);
}

async function sendSteadily(rooms: readonly LoadedRoom[], kind: Kind, forMs: number): Promise<void> {
  const gapMs = (1_000 * (rooms[0]?.deliveriesPerEvent ?? 1)) / LATENCY_RATE;
  const begin = performance.now();
  for (let count = 0; count * gapMs < forMs; count++) {
    const wait = begin + count * gapMs - performance.now();
    if (wait > 0) await delay(wait);
    rooms[count % rooms.length]?.send(kind);
  }
}

/** Waits for what is under way; returns how many deliveries never came. */
async function allReceived(rooms: readonly LoadedRoom[]): Promise<number> {
  const missing = () =>
    rooms.reduce((sum, { sent, received, deliveriesPerEvent }) => sum + sent * deliveriesPerEvent - received, 0);
  for (let waited = 0; missing() !== 0 && waited < 10_000; waited += 50) await delay(50);
  return missing();
}
