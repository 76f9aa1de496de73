import { setImmediate } from 'node:timers';
import type { ChatNamespace } from './chat-socket.js';
import { frameOf, writeFrames, type Frame } from './engine-connection.js';

interface Item {
  frame: Frame;
  except: ReadonlySet<string> | null;
}

/** What waits for one room, and who has had how much of it. */
interface Batch {
  items: Item[];
  /** By socket id: how many of the items this socket was given ahead of the others. */
  ahead: Map<string, number>;
  /** Sockets that some item leaves out. */
  exceptions: Set<string>;
}

/** For so few members there is nothing to share. */
const FEW = 2;

/**
 * What one turn of the event loop makes for connections, joined to one write each; the members of a room share the bytes.
 * Each connection gets what concerns it in the order in which it was told: `before(id)` writes what waits, before
 * something else goes to that connection alone, and `flush(rooms)` before somebody comes or goes.
 */
export class RoomBatches {
  private readonly waiting = new Map<string, Batch>();
  /** By socket id: what goes to this connection alone, and what has to go before that. */
  private readonly alone = new Map<string, Frame[]>();
  private isArmed = false;
  private isWriting = false;

  constructor(private readonly namespace: ChatNamespace) {}

  /** `text`: the encoded packet. `except`: socket ids. */
  add(room: string, text: string, except: ReadonlySet<string> | null): void {
    const members = this.namespace.adapter.rooms.get(room);
    if (!members) return;
    if (members.size <= FEW) return this.addEach(members, text, except);
    let batch = this.waiting.get(room);
    if (!batch) this.waiting.set(room, (batch = { items: [], ahead: new Map(), exceptions: new Set() }));
    const item = { frame: frameOf(text), except: except && except.size > 0 ? except : null };
    batch.items.push(item);
    for (const id of item.except ?? []) batch.exceptions.add(id);
    this.arm();
  }

  /** The same for connections that share no room. */
  addEach(ids: Iterable<string>, text: string, except: ReadonlySet<string> | null = null): void {
    const frame = frameOf(text);
    for (const id of ids) {
      if (except?.has(id)) continue;
      this.collect(id);
      this.push(id, frame);
    }
    this.arm();
  }

  /** Something goes to this connection past this: what waits for it goes first. */
  before(id: string): void {
    if (this.isWriting || (this.waiting.size === 0 && this.alone.size === 0)) return;
    this.collect(id);
    this.writeAlone(id);
  }

  /** Writes now what waits for these rooms; who gets something else in this turn gets it with that. */
  flush(rooms: Iterable<string>): void {
    for (const room of [...rooms]) {
      const batch = this.waiting.get(room);
      if (!batch) continue;
      this.waiting.delete(room);
      this.write(room, batch);
    }
  }

  private arm(): void {
    if (this.isArmed) return;
    this.isArmed = true;
    setImmediate(() => {
      try {
        this.flush(this.waiting.keys());
        for (const id of [...this.alone.keys()]) this.writeAlone(id);
      } finally {
        this.isArmed = false;
        // Told while it was written, as when a reader is found to be gone.
        if (this.waiting.size > 0 || this.alone.size > 0) this.arm();
      }
    });
  }

  private push(id: string, frame: Frame): void {
    const frames = this.alone.get(id);
    if (frames) frames.push(frame);
    else this.alone.set(id, [frame]);
  }

  /** Moves what waits for this connection in rooms to what waits for it alone. */
  private collect(id: string): void {
    if (this.waiting.size === 0) return;
    const own = this.namespace.adapter.sids.get(id);
    if (!own) return;
    const rooms = own.size < this.waiting.size ? own : this.waiting.keys();
    for (const room of rooms) {
      const batch = own.has(room) ? this.waiting.get(room) : undefined;
      if (!batch) continue;
      this.pushRest(id, batch);
      batch.ahead.set(id, batch.items.length);
    }
  }

  private pushRest(id: string, { items, ahead }: Batch): void {
    for (const { frame, except } of items.slice(ahead.get(id) ?? 0)) if (!except?.has(id)) this.push(id, frame);
  }

  private write(room: string, batch: Batch): void {
    const frames = batch.items.map(({ frame }) => frame);
    const joined = joinedBytes(frames);
    this.whileWriting(() => {
      for (const id of this.namespace.adapter.rooms.get(room) ?? []) {
        if (batch.ahead.has(id) || batch.exceptions.has(id) || this.alone.has(id)) this.pushRest(id, batch);
        else writeFrames(this.namespace.sockets.get(id)?.conn, frames, joined);
      }
    });
    this.arm();
  }

  private writeAlone(id: string): void {
    const frames = this.alone.get(id);
    if (!frames) return;
    this.alone.delete(id);
    this.whileWriting(() => writeFrames(this.namespace.sockets.get(id)?.conn, frames, joinedBytes(frames)));
  }

  private whileWriting(write: () => void): void {
    const was = this.isWriting;
    this.isWriting = true;
    try {
      write();
    } finally {
      this.isWriting = was;
    }
  }
}

const joinedBytes = (frames: readonly Frame[]): Buffer =>
  frames.length === 1 ? frames[0]!.bytes : Buffer.concat(frames.map(({ bytes }) => bytes));
