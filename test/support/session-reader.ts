import { eventually } from './eventually.js';
import type { Person } from './person.js';
import { Replica } from './replica.js';
import { watchSession, type Watch, type WatchWire } from './session-watch.js';

const WIRES: readonly WatchWire[] = ['websocket', 'sse'];

/** Somebody who reads a session through connections that break, on one wire after the other, until told to finish. */
export class SessionReader {
  readonly replica = new Replica();
  connections = 0;
  private isFinishing = false;
  private current: Watch | null = null;
  private running: Promise<void> = Promise.resolve();

  constructor(
    readonly person: Person,
    readonly sessionId: string,
  ) {}

  start(url: string): void {
    this.running = this.run(url);
  }

  cut(): void {
    this.current?.close();
  }

  /** Goes on until it knows all up to `head` and nothing is being written. */
  async finish(url: string, head: number): Promise<void> {
    await this.stop();
    const last = this.connect(url, 'websocket');
    try {
      await eventually(() => this.replica.cursor >= head && !this.replica.isStreaming);
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
      this.current = this.connect(url, WIRES[this.connections % WIRES.length]!);
      await this.current.over;
      this.current = null;
    }
  }

  private connect(url: string, wire: WatchWire): Watch {
    this.connections++;
    return watchSession(wire, { url, token: this.person.token!, sessionId: this.sessionId }, this.replica);
  }
}
