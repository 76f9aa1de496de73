import { Injectable, Logger } from '@nestjs/common';
import { AppError } from '../../common/errors/app-error.js';
import { conversationRoom } from '../contract/room-names.js';
import { isEvent, type ServerEvent } from '../contract/server-events.js';
import { joinedPlaces } from './joined-places.js';
import { LiveHub } from './live-hub.js';

/** What a reader is given when it begins to watch a conversation. */
export interface FeedSnapshot {
  /** The conversation's counter; events up to it are not sent to the new reader again. */
  head: number;
}

interface Item {
  /** The number that this brings its readers to; null for what is not numbered (deltas, typing). */
  seq: number | null;
  events: readonly ServerEvent[];
  /** May wait a moment, to be told as one with those that follow it. */
  canJoin?: boolean;
  /** For what is not numbered: the number of the message that it belongs to, which has to be told before. */
  after?: number;
}

interface Queued extends Item {
  /** Its place in the order of arrival. */
  order: number;
}

/** A reader whose snapshot holds something of what is still waiting to be sent. */
interface Newcomer {
  connectionId: string;
  head: number;
  /** What arrived before this was in the snapshot, except for texts of messages that the reader does not have yet. */
  order: number;
  unknownMessages: ReadonlySet<string>;
}

interface Feed {
  /** The number up to which everything was sent. */
  last: number;
  queue: Queued[];
  arrived: number;
  /** Readers that are being let in; nothing is sent meanwhile. */
  holds: number;
  newcomers: Newcomer[];
  /** Numbers whose events are being read. */
  coming: Set<number>;
  /** How far the conversation is known to have come; the rest is read when nobody tells it. */
  known: number;
  join: NodeJS.Timeout | null;
  repair: NodeJS.Timeout | null;
  repairAfterMs: number;
}

/** Reads what a feed missed: the events for everything that changed after `since`, in order. */
export type ReadMissed = (conversationId: string, since: number) => Promise<Item[]>;

/** Commits can become known out of order; a number that stays missing for this long is read from the database. */
const GAP_MS = 50;
const GAP_RETRY_MS = 1000;
/** How long items that may be joined wait for more of them. */
const JOIN_MS = 200;
/** A snapshot is older than what was sent only when others were let in, or a gap was filled, while it was read. */
const SNAPSHOT_ATTEMPTS = 5;

/**
 * One ordered feed a watched conversation: numbered events leave in the order of their numbers and exactly once, whatever
 * order the commits become known in. Conversations that nobody watches here cost nothing.
 */
@Injectable()
export class ConversationFeeds {
  private readonly logger = new Logger(ConversationFeeds.name);
  private readonly feeds = new Map<string, Feed>();
  private readMissed: ReadMissed = () => Promise.resolve([]);

  constructor(private readonly hub: LiveHub) {}

  onMissed(read: ReadMissed): void {
    this.readMissed = read;
  }

  /**
   * Lets a reader in without a gap or a double: while `read` takes its snapshot nothing is sent; then `enter` hands the
   * snapshot over and joins the conversation's room, in one turn; then the events after the snapshot follow.
   * @throws AppError SERVER_BUSY when no snapshot keeps up with what is sent, or what `read` throws
   */
  async open<S extends FeedSnapshot>(
    conversationId: string,
    connectionId: string,
    read: () => Promise<S>,
    enter: (snapshot: S) => void,
  ): Promise<void> {
    let feed = this.feeds.get(conversationId);
    const isNew = feed === undefined;
    if (!feed) {
      feed = newFeed();
      this.feeds.set(conversationId, feed);
    }
    feed.holds++;
    try {
      let snapshot = await read();
      // Others' snapshots and repairs move the feed on while one is read: what they sent must not be missing in it. Nothing
      // may come between this look and the entrance.
      for (let attempt = 1; snapshot.head < feed.last; attempt++) {
        if (attempt === SNAPSHOT_ATTEMPTS) throw new AppError('SERVER_BUSY', { retryAfterSeconds: 1 });
        snapshot = await read();
      }
      if (feed.last < 0) feed.last = snapshot.head;
      this.expect(feed, connectionId, snapshot.head);
      enter(snapshot);
    } catch (error) {
      if (isNew && feed.holds === 1 && feed.last < 0) this.feeds.delete(conversationId);
      throw error;
    } finally {
      feed.holds--;
      this.pump(conversationId, feed);
    }
  }

  /** Sends the events that belong to number `seq`. */
  numbered(conversationId: string, seq: number, events: readonly ServerEvent[]): void {
    this.add(conversationId, { seq, events });
  }

  /** The same for the move of a place in a room: moves that follow each other within a moment are sent as one. */
  moved(conversationId: string, seq: number, event: ServerEvent): void {
    this.add(conversationId, { seq, events: [event], canJoin: true });
  }

  /** The same for events that have to be read first: what comes after them waits. When they cannot be read, a repair tells them. */
  async numberedOnceRead(conversationId: string, seq: number, reading: Promise<readonly ServerEvent[]>): Promise<void> {
    const feed = this.feeds.get(conversationId);
    feed?.coming.add(seq);
    try {
      const events = await reading;
      feed?.coming.delete(seq);
      this.numbered(conversationId, seq, events);
    } finally {
      if (feed?.coming.delete(seq)) this.pump(conversationId, feed);
    }
  }

  /** Sends an event that has no number, in its turn, once the message of number `after` was told. */
  unnumbered(conversationId: string, event: ServerEvent, after = -1): void {
    this.add(conversationId, { seq: null, events: [event], after });
  }

  /** Conversations that somebody reads here. */
  watched(): string[] {
    return [...this.feeds].filter(([, { last }]) => last >= 0).map(([id]) => id);
  }

  /** The database says how far a conversation has come: what nobody told is read. */
  reached(conversationId: string, head: number): void {
    const feed = this.feeds.get(conversationId);
    if (!feed || feed.last < 0 || head <= feed.last) return;
    feed.known = Math.max(feed.known, head);
    this.repairSoon(conversationId, feed);
  }

  /** Forgets a feed that nobody reads any more. */
  release(conversationId: string): void {
    const feed = this.feeds.get(conversationId);
    if (!feed || feed.holds > 0 || this.hub.hasMembers(conversationRoom(conversationId))) return;
    if (feed.repair) clearTimeout(feed.repair);
    if (feed.join) clearTimeout(feed.join);
    this.feeds.delete(conversationId);
  }

  private expect(feed: Feed, connectionId: string, head: number): void {
    if (head <= feed.last && feed.queue.length === 0) return;
    const unknown = feed.queue.filter(({ seq }) => seq !== null && seq > head).flatMap(({ events }) => events);
    const unknownMessages = new Set(
      unknown.flatMap((event) => (isEvent(event, 'message:new') ? [event.payload.id] : [])),
    );
    feed.newcomers.push({ connectionId, head, order: feed.arrived, unknownMessages });
  }

  private add(conversationId: string, item: Item): void {
    const feed = this.feeds.get(conversationId);
    if (!feed) return;
    feed.queue.push({ ...item, order: feed.arrived++ });
    // Then it only makes those longer that wait already.
    if (item.canJoin && feed.join) return;
    this.pump(conversationId, feed);
  }

  private pump(conversationId: string, feed: Feed, isDue = false): void {
    if (feed.holds > 0 || this.feeds.get(conversationId) !== feed) return;
    while (feed.queue.length > 0) {
      const [next] = feed.queue as [Queued, ...Queued[]];
      const isInTurn = next.seq === null ? (next.after ?? -1) <= feed.last : next.seq <= feed.last + 1;
      const index = isInTurn ? 0 : feed.queue.findIndex((item) => item.seq === feed.last + 1);
      if (index < 0) {
        this.repairSoon(conversationId, feed);
        return;
      }
      const run = joinable(feed, index);
      if (run.length > 0 && run.length === feed.queue.length && !isDue) {
        feed.join ??= setTimeout(() => {
          feed.join = null;
          this.pump(conversationId, feed, true);
        }, JOIN_MS).unref();
        break;
      }
      const item = run.at(-1) ?? feed.queue[index];
      if (run.length > 1) feed.queue = feed.queue.filter(leaveOut(run));
      else feed.queue.splice(index, 1);
      if (item) this.send(conversationId, feed, run.length > 1 ? { ...item, events: joined(run) } : item);
    }
    if (feed.known > feed.last) this.repairSoon(conversationId, feed);
    else if (feed.repair) {
      clearTimeout(feed.repair);
      feed.repair = null;
    }
    this.release(conversationId);
  }

  private repairSoon(conversationId: string, feed: Feed): void {
    if (!feed.coming.has(feed.last + 1))
      feed.repair ??= setTimeout(() => void this.fillGap(conversationId, feed), feed.repairAfterMs);
  }

  private send(conversationId: string, feed: Feed, { seq, events, order }: Queued): void {
    // What a repair has sent already, or a snapshot has told.
    if (seq !== null && seq <= feed.last) return;
    if (seq !== null) feed.last = seq;
    for (const event of events) {
      const knowing = feed.newcomers.filter((it) =>
        seq === null ? isTextOfSnapshot(event, order, it) : it.head >= seq,
      );
      const except = knowing.length > 0 ? new Set(knowing.map(({ connectionId }) => connectionId)) : null;
      const position = { seq: feed.last, offset: event.position?.offset ?? 0 };
      this.hub.publish(conversationRoom(conversationId), { ...event, position }, except);
    }
    const waiting = feed.queue[0]?.order ?? Infinity;
    feed.newcomers = feed.newcomers.filter((it) => it.head > feed.last || it.order > waiting);
  }

  private async fillGap(conversationId: string, feed: Feed): Promise<void> {
    if (feed.coming.has(feed.last + 1)) {
      feed.repair = null;
      return;
    }
    const before = feed.last;
    feed.holds++;
    try {
      const missed = await this.readMissed(conversationId, feed.last);
      // Changes of one message are told by its latest number only, so numbers may be left out here.
      for (const item of missed) {
        if (item.seq !== null && item.seq > feed.last) {
          feed.last = item.seq - 1;
          this.send(conversationId, feed, { ...item, order: feed.arrived });
        }
      }
      const whole = new Set(
        missed
          .flatMap(({ events }) => events)
          .flatMap((it) => (isEvent(it, 'message:done') ? [it.payload.messageId] : [])),
      );
      feed.queue = feed.queue.filter(({ seq, events }) =>
        seq === null
          ? !events.some((it) => isEvent(it, 'message:stream') && whole.has(it.payload.messageId))
          : seq > feed.last,
      );
      // What is not there cannot be waited for: the conversation is gone, or its counter was set back.
      if (feed.last === before) feed.known = before;
      feed.repairAfterMs = GAP_MS;
    } catch (error) {
      feed.repairAfterMs = GAP_RETRY_MS;
      this.logger.warn({ msg: 'A gap could not be filled yet', conversationId, err: error as Error });
    } finally {
      feed.holds--;
      feed.repair = null;
      this.pump(conversationId, feed);
    }
  }
}

const newFeed = (): Feed => ({
  last: -1,
  queue: [],
  arrived: 0,
  holds: 0,
  newcomers: [],
  coming: new Set(),
  known: -1,
  join: null,
  repair: null,
  repairAfterMs: GAP_MS,
});

/** The item at `index` and those of the next numbers, as far as they may be told as one. */
function joinable(feed: Feed, index: number): Queued[] {
  const run: Queued[] = [];
  for (let next = feed.queue[index]; next?.canJoin;) {
    if (next.seq !== null && next.seq <= feed.last) break;
    run.push(next);
    const seq = (next.seq ?? 0) + 1;
    // They are mostly in order.
    const following = feed.queue[index + run.length];
    next = following?.seq === seq ? following : feed.queue.find((item) => item.seq === seq);
  }
  return run;
}

function leaveOut(run: readonly Queued[]): (item: Queued) => boolean {
  const sent = new Set(run);
  return (item) => !sent.has(item);
}

const joined = (run: readonly Queued[]): ServerEvent[] => joinedPlaces(run.flatMap(({ events }) => events));

/** Whether a reader's snapshot held this piece of text. */
function isTextOfSnapshot(event: ServerEvent, order: number, reader: Newcomer): boolean {
  return (
    isEvent(event, 'message:stream') && order < reader.order && !reader.unknownMessages.has(event.payload.messageId)
  );
}

export type { Item as FeedItem };
