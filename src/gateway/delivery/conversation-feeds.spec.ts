import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import { serverEvent, type ServerEvent } from '../contract/server-events.js';
import { ConversationFeeds, type FeedItem } from './conversation-feeds.js';
import { LiveHub } from './live-hub.js';
import type { LiveWire } from './live-connection.js';

const CONVERSATION = 'c';
const numbered = (seq: number): ServerEvent[] => [serverEvent('session:updated', { sessionId: String(seq) })];

/** A wire whose every connection is in every room, and who was told what. */
class FakeWire implements LiveWire {
  readonly name = 'fake';
  readonly told = new Map<string, string[]>();

  publish(_room: string, event: ServerEvent, except: ReadonlySet<string> | null): void {
    for (const [id, seen] of this.told)
      if (!except?.has(id)) seen.push((event.payload as { sessionId: string }).sessionId);
  }
  hasMembers = () => this.told.size > 0;
  closeRoom = () => undefined;
  closeAll = () => undefined;
  size = () => this.told.size;
}

describe('ConversationFeeds', () => {
  let wire: FakeWire;
  let feeds: ConversationFeeds;

  beforeEach(() => {
    jest.useFakeTimers();
    const hub = new LiveHub();
    wire = new FakeWire();
    hub.register(wire);
    feeds = new ConversationFeeds(hub);
  });

  const enter = (id: string, head: number, read: Promise<void> = Promise.resolve()) =>
    feeds.open(
      CONVERSATION,
      id,
      () => read.then(() => ({ head })),
      () => wire.told.set(id, []),
    );

  it('puts events in the order of their numbers, whatever order they become known in', async () => {
    await enter('a', 0);
    for (const seq of [2, 3, 1, 5, 4]) feeds.numbered(CONVERSATION, seq, numbered(seq));
    expect(wire.told.get('a')).toEqual(['1', '2', '3', '4', '5']);
  });

  it('tells nobody what the snapshot held, and everybody what came after it', async () => {
    await enter('a', 0);
    let finishReading = () => {};
    const reading = new Promise<void>((resolve) => (finishReading = resolve));
    const entering = enter('b', 2, reading);
    for (const seq of [1, 2, 3]) feeds.numbered(CONVERSATION, seq, numbered(seq));
    expect(wire.told.get('a')).toEqual([]);
    finishReading();
    await entering;
    expect(wire.told.get('a')).toEqual(['1', '2', '3']);
    expect(wire.told.get('b')).toEqual(['3']);
  });

  it('drops a number that was told already', async () => {
    await enter('a', 3);
    for (const seq of [2, 3, 4, 4]) feeds.numbered(CONVERSATION, seq, numbered(seq));
    expect(wire.told.get('a')).toEqual(['4']);
  });

  it('reads a number that stays missing from the database, and holds back what comes after it until then', async () => {
    const missed: FeedItem[] = [
      { seq: 1, events: numbered(1) },
      { seq: 3, events: numbered(3) },
    ];
    feeds.onMissed(() => Promise.resolve(missed));
    await enter('a', 0);
    feeds.numbered(CONVERSATION, 3, numbered(3));
    feeds.unnumbered(CONVERSATION, serverEvent('session:updated', { sessionId: 'after 3' }));
    expect(wire.told.get('a')).toEqual([]);
    await jest.advanceTimersByTimeAsync(60);
    expect(wire.told.get('a')).toEqual(['1', '3', 'after 3']);
  });

  it('tries again when the database cannot be read', async () => {
    const read = jest
      .fn<() => Promise<FeedItem[]>>()
      .mockRejectedValueOnce(new Error('away'))
      .mockResolvedValue([
        { seq: 1, events: numbered(1) },
        { seq: 2, events: numbered(2) },
      ]);
    feeds.onMissed(read);
    await enter('a', 0);
    feeds.numbered(CONVERSATION, 2, numbered(2));
    await jest.advanceTimersByTimeAsync(60);
    expect(wire.told.get('a')).toEqual([]);
    await jest.advanceTimersByTimeAsync(1100);
    expect(wire.told.get('a')).toEqual(['1', '2']);
  });

  it('forgets a conversation that nobody watches, and begins anew with the next reader', async () => {
    await enter('a', 0);
    wire.told.clear();
    feeds.release(CONVERSATION);
    feeds.numbered(CONVERSATION, 1, numbered(1));
    await enter('b', 5);
    feeds.numbered(CONVERSATION, 6, numbered(6));
    expect(wire.told.get('b')).toEqual(['6']);
  });

  it('lets nobody in when the snapshot cannot be read', async () => {
    await expect(
      feeds.open(
        CONVERSATION,
        'a',
        () => Promise.reject(new Error('away')),
        () => wire.told.set('a', []),
      ),
    ).rejects.toThrow('away');
    expect(wire.told.size).toBe(0);
  });
});
