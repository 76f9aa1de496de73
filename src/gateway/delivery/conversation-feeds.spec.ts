import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { MessageResponse } from '../../messages/dto/message.response.dto.js';
import { isEvent, serverEvent, type ServerEvent } from '../contract/server-events.js';
import { ConversationFeeds, type FeedItem } from './conversation-feeds.js';
import { LiveHub } from './live-hub.js';
import type { LiveWire } from './live-connection.js';

const CONVERSATION = 'c';
const numbered = (seq: number): ServerEvent[] => [serverEvent('session:updated', { sessionId: String(seq) })];

const begun = (messageId: string): ServerEvent[] => [serverEvent('message:new', { id: messageId } as MessageResponse)];
const piece = (messageId: string, delta: string) =>
  serverEvent('message:stream', { messageId, sessionId: CONVERSATION, delta, offset: 0 });
const whole = (messageId: string): ServerEvent[] => [
  serverEvent('message:done', { messageId, sessionId: CONVERSATION, status: 'complete' }),
];

function inShort(event: ServerEvent): string {
  if (isEvent(event, 'message:new')) return `new ${event.payload.id}`;
  if (isEvent(event, 'message:stream')) return `${event.payload.messageId} ${event.payload.delta}`;
  if (isEvent(event, 'message:done')) return `done ${event.payload.messageId}`;
  return (event.payload as { sessionId: string }).sessionId;
}

/** A wire whose every connection is in every room, and who was told what. */
class FakeWire implements LiveWire {
  readonly name = 'fake';
  readonly told = new Map<string, string[]>();

  publish(_room: string, event: ServerEvent, except: ReadonlySet<string> | null): void {
    for (const [id, seen] of this.told) if (!except?.has(id)) seen.push(inShort(event));
  }
  publishToMany = () => undefined;
  takeOut = () => undefined;
  hasMembers = () => this.told.size > 0;
  rooms = () => [];
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

  it('reads a snapshot again when others have moved the feed on meanwhile', async () => {
    const slow = Promise.withResolvers<void>();
    const heads = [5, 6];
    const told: number[] = [];
    const entering = feeds.open(
      CONVERSATION,
      'slow',
      async () => {
        const head = heads.shift()!;
        if (head === 5) await slow.promise;
        return { head };
      },
      ({ head }) => {
        told.push(head);
        wire.told.set('slow', []);
      },
    );
    await enter('fast', 6);
    feeds.numbered(CONVERSATION, 6, numbered(6));
    slow.resolve();
    await entering;
    expect(told).toEqual([6]);
    feeds.numbered(CONVERSATION, 7, numbered(7));
    expect(wire.told.get('slow')).toEqual(['7']);
  });

  it('misses nothing for readers whose snapshots come in one turn, the newer one first', async () => {
    const both = Promise.withResolvers<void>();
    const entering = [enter('newer', 6, both.promise), enter('older', 5, both.promise)];
    both.resolve();
    const [newer, older] = await Promise.allSettled(entering);
    expect(newer!.status).toBe('fulfilled');
    // Not let in with a snapshot that lacks what nobody will tell any more.
    expect(older).toMatchObject({ status: 'rejected', reason: { code: 'SERVER_BUSY' } });
  });

  it('gives up when no snapshot keeps up, and lets nobody in', async () => {
    await enter('a', 6);
    await expect(enter('b', 5)).rejects.toMatchObject({ code: 'SERVER_BUSY' });
    expect([...wire.told.keys()]).toEqual(['a']);
  });

  it('tells a reader no piece of a text that its snapshot held', async () => {
    await enter('a', 1);
    const reading = Promise.withResolvers<void>();
    const entering = enter('b', 2, reading.promise);
    feeds.unnumbered(CONVERSATION, piece('m', 'shown'));
    feeds.numbered(CONVERSATION, 2, whole('m'));
    reading.resolve();
    await entering;
    feeds.unnumbered(CONVERSATION, piece('n', 'later'));
    expect(wire.told.get('a')).toEqual(['m shown', 'done m', 'n later']);
    expect(wire.told.get('b')).toEqual(['n later']);
  });

  it('tells a reader all of a text that begins after its snapshot', async () => {
    await enter('a', 1);
    const reading = Promise.withResolvers<void>();
    const entering = enter('b', 1, reading.promise);
    feeds.numbered(CONVERSATION, 2, begun('m'));
    feeds.unnumbered(CONVERSATION, piece('m', 'first'));
    reading.resolve();
    await entering;
    expect(wire.told.get('b')).toEqual(['new m', 'm first']);
  });

  it('tells no piece of a text that a repair has told whole', async () => {
    feeds.onMissed(() => Promise.resolve([{ seq: 4, events: whole('m') }]));
    await enter('a', 1);
    feeds.numbered(CONVERSATION, 3, begun('m'));
    feeds.unnumbered(CONVERSATION, piece('m', 'late'));
    feeds.unnumbered(CONVERSATION, piece('n', 'other'));
    await jest.advanceTimersByTimeAsync(60);
    expect(wire.told.get('a')).toEqual(['done m', 'n other']);
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
