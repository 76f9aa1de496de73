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
  /** By socket id: how many of the items this socket was given ahead of the others, or is not to get. */
  ahead: Map<string, number>;
  /** Sockets that some item leaves out. */
  exceptions: Set<string>;
}

/** Joining gains nothing for so few members, and what goes out at once keeps its order over several rooms. */
const FEW = 2;

/**
 * Events of rooms, joined to one write a member and turn of the event loop. Each connection gets what concerns it in the
 * order in which it was told: `before(id)` hands over what waits, before something else goes to that connection alone,
 * and `flush(rooms)` before somebody comes or goes.
 */
export class RoomBatches {
  private readonly waiting = new Map<string, Batch>();
  private isArmed = false;
  private isWriting = false;

  constructor(private readonly namespace: ChatNamespace) {}

  /** `text`: the encoded packet. `except`: socket ids. */
  add(room: string, text: string, except: ReadonlySet<string> | null): void {
    const members = this.namespace.adapter.rooms.get(room);
    if (!members) return;
    if (members.size <= FEW) return this.writeNow(members, text, except);
    let batch = this.waiting.get(room);
    if (!batch) this.waiting.set(room, (batch = { items: [], ahead: new Map(), exceptions: new Set() }));
    const item = { frame: frameOf(text), except: except && except.size > 0 ? except : null };
    batch.items.push(item);
    for (const id of item.except ?? []) batch.exceptions.add(id);
    if (this.isArmed) return;
    this.isArmed = true;
    setImmediate(() => {
      this.isArmed = false;
      this.flush(this.waiting.keys());
    });
  }

  /** Writes to these connections at once, to each after what waits for it. */
  writeNow(ids: Iterable<string>, text: string, except: ReadonlySet<string> | null = null): void {
    const frame = frameOf(text);
    for (const id of ids) {
      if (except?.has(id)) continue;
      this.before(id);
      this.whileWriting(() => writeFrames(this.namespace.sockets.get(id)?.conn, [frame], frame.bytes));
    }
  }

  /** Something goes to this connection alone: what waits for it goes first. */
  before(id: string): void {
    if (this.waiting.size === 0 || this.isWriting) return;
    const own = this.namespace.adapter.sids.get(id);
    if (!own) return;
    const rooms = own.size < this.waiting.size ? own : this.waiting.keys();
    for (const room of rooms) {
      const batch = own.has(room) ? this.waiting.get(room) : undefined;
      if (!batch) continue;
      this.writeRest(id, batch);
      batch.ahead.set(id, batch.items.length);
    }
  }

  /** Writes now what waits for these rooms. */
  flush(rooms: Iterable<string>): void {
    for (const room of [...rooms]) {
      const batch = this.waiting.get(room);
      if (!batch) continue;
      this.waiting.delete(room);
      this.write(room, batch);
    }
  }

  private write(room: string, batch: Batch): void {
    const frames = batch.items.map(({ frame }) => frame);
    const joined = frames.length === 1 ? frames[0]!.bytes : Buffer.concat(frames.map(({ bytes }) => bytes));
    this.whileWriting(() => {
      for (const id of this.namespace.adapter.rooms.get(room) ?? []) {
        if (batch.ahead.has(id) || batch.exceptions.has(id)) this.writeRest(id, batch);
        else writeFrames(this.namespace.sockets.get(id)?.conn, frames, joined);
      }
    });
  }

  private writeRest(id: string, { items, ahead }: Batch): void {
    const rest = items.slice(ahead.get(id) ?? 0).filter(({ except }) => !except?.has(id));
    const connection = this.namespace.sockets.get(id)?.conn;
    this.whileWriting(() => rest.forEach(({ frame }) => writeFrames(connection, [frame], frame.bytes)));
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
