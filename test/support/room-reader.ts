import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from './eventually.js';
import type { Person } from './person.js';
import type { Random } from './random.js';
import type { RoomActor } from './room-actions.js';
import { RoomReplica } from './room-replica.js';
import { ROOM_WIRES, watchRoom, type Ack, type RoomHabit, type RoomWatch, type RoomWire } from './room-watch.js';

/** Between two tries of somebody who is not in the room. */
const OUT_MS = 40;

/** Somebody who reads a room through connections that break, each on any wire, until told to finish. */
export class RoomReader implements RoomActor {
  readonly replica = new RoomReplica();
  connections = 0;
  /** Of the room's events after a removal. */
  leaks = 0;
  private isFinishing = false;
  private isOut = false;
  private current: RoomWatch | null = null;
  private running: Promise<void> = Promise.resolve();

  constructor(
    readonly person: Person,
    private readonly roomId: string,
    private readonly random: Random,
    private readonly habit: RoomHabit = 'careful',
    private readonly wires: readonly RoomWire[] = ROOM_WIRES,
  ) {}

  start(url: string): void {
    this.running = this.run(url);
  }

  command(event: string, payload: object): Promise<Ack | null> {
    return this.current?.command(event, payload) ?? Promise.resolve(null);
  }

  cut(): void {
    this.current?.close();
  }

  /** Goes on without faults until it knows all up to `head`. */
  async finish(url: string, head: number): Promise<void> {
    await this.stop();
    // Who does not know where it stands cannot tell when it has all.
    if (this.habit !== 'careful') return;
    const last = this.connect(url);
    try {
      await eventually(() => this.replica.cursor >= head || this.isOut);
    } finally {
      last.close();
    }
    await last.over;
  }

  async stop(): Promise<void> {
    this.isFinishing = true;
    this.cut();
    await this.running;
  }

  private async run(url: string): Promise<void> {
    while (!this.isFinishing) {
      this.current = this.connect(url);
      await this.current.over;
      this.current = null;
      if (this.isOut && !this.isFinishing) await sleep(OUT_MS);
    }
  }

  private connect(url: string): RoomWatch {
    this.connections++;
    this.isOut = false;
    const target = { url, token: this.person.token!, roomId: this.roomId };
    const on = { leaked: () => void this.leaks++, refused: () => void (this.isOut = true) };
    return watchRoom(this.random.pick(this.wires), target, this.replica, on, this.habit);
  }
}
