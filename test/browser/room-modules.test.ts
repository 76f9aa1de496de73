import { beforeAll, describe, expect, it } from '@jest/globals';

interface Place {
  userId: string;
  changeSeq: number;
  lastReadSeq: number;
  lastDeliveredSeq: number;
  joinedAt: string;
  role: string;
  user: { name: string };
  leftAt?: string;
}
interface Room {
  type: string;
  name: string | null;
  unreadCount: number;
  participants: Place[];
}
interface Message {
  id: string;
  seq: number;
  changeSeq: number;
  role: string;
  senderId: string | null;
  content: string;
  status: string;
  createdAt: string;
  deletedAt?: string;
}
interface Log {
  cursor: number | null;
  messages: Message[];
}
interface Step {
  log: Log;
  isGap: boolean;
}
interface LogModule {
  withDeleted(log: Log, deletion: { messageId: string; changeSeq: number }): Step;
  withNumbers(log: Log, change: { from?: number; changeSeq: number }): Step;
  withPlaces(places: Place[], changed: Partial<Place>[]): Place[];
  withRoom(before: Room | undefined, room: Room, me: string): Room;
  receiptOf(message: Message, places: Place[], me: string): { state: string };
  receiptText(receipt: { state: string }): string;
  toMark(messages: Message[], me: string, lastReadSeq: number): Message | undefined;
  firstUnread(messages: Message[], me: string, lastReadSeq: number): Message | undefined;
  roomRows(messages: Message[], options?: { unreadId?: string }): { key: string; isFirst?: boolean }[];
}
interface TextModule {
  textParts(text: string, people?: { id: string; name: string }[]): unknown[];
  nameBeingTyped(text: string, caret: number): { from: number; words: string } | null;
  candidates(words: string, people: { id: string; name: string }[]): { name: string }[];
}
interface WordsModule {
  roomTitle(room: Room, me: string): string;
  typingText(names: string[]): string;
  heirOf(room: Room, userId: string): Place | undefined;
}

const page = (path: string): Promise<unknown> =>
  import(new URL(`../../public/playground/${path}`, import.meta.url).href);

const place = (userId: string, fields: Partial<Place> = {}): Place => ({
  userId,
  changeSeq: 0,
  lastReadSeq: 0,
  lastDeliveredSeq: 0,
  joinedAt: '2026-01-01T00:00:00.000Z',
  role: 'MEMBER',
  user: { name: `${userId} Person` },
  ...fields,
});
const message = (seq: number, senderId: string | null, fields: Partial<Message> = {}): Message => ({
  id: `m${seq}`,
  seq,
  changeSeq: seq,
  role: 'user',
  senderId,
  content: `text ${seq}`,
  status: 'complete',
  createdAt: '2026-01-01T10:00:00.000Z',
  ...fields,
});
const group = (participants: Place[], fields: Partial<Room> = {}): Room => ({
  type: 'GROUP',
  name: null,
  unreadCount: 0,
  participants,
  ...fields,
});

describe('the log of a room in the page', () => {
  let logs: LogModule;

  beforeAll(async () => {
    logs = (await page('rooms/room-log.js')) as LogModule;
  });

  it('empties a deleted message in its place, and sees a deletion that comes too early as a gap', () => {
    const log = { cursor: 2, messages: [message(1, 'ada'), message(2, 'bob')] };
    const next = logs.withDeleted(log, { messageId: 'm1', changeSeq: 3 });
    expect(next.log).toMatchObject({ cursor: 3, messages: [{ id: 'm1', content: '', changeSeq: 3 }, { id: 'm2' }] });
    expect(next.isGap).toBe(false);
    expect(logs.withDeleted(log, { messageId: 'm1', changeSeq: 4 }).isGap).toBe(true);
  });

  it('goes on with numbers that are no messages, and sees a jump in them', () => {
    const log = { cursor: 5, messages: [] };
    expect(logs.withNumbers(log, { from: 6, changeSeq: 9 })).toEqual({ log: { ...log, cursor: 9 }, isGap: false });
    expect(logs.withNumbers(log, { from: 7, changeSeq: 9 })).toEqual({ log, isGap: true });
    expect(logs.withNumbers(log, { changeSeq: 4 })).toEqual({ log, isGap: false });
  });

  it('moves positions forward only, takes out who left, and ignores older news', () => {
    const places = [place('ada', { lastReadSeq: 5, changeSeq: 7 }), place('bob', { changeSeq: 3 })];
    const next = logs.withPlaces(places, [
      { userId: 'ada', changeSeq: 8, lastReadSeq: 4 },
      { userId: 'bob', changeSeq: 2, leftAt: 'then' },
      { userId: 'cyd', changeSeq: 9 },
    ]);
    expect(next.map(({ userId, lastReadSeq }) => [userId, lastReadSeq])).toEqual([
      ['ada', 5],
      ['bob', 0],
    ]);
    expect(logs.withPlaces(places, [{ userId: 'bob', changeSeq: 4, leftAt: 'now' }])).toHaveLength(1);
  });

  it('does not let an answer that was under way take back what has been read meanwhile', () => {
    const before = group([place('me', { lastReadSeq: 9 })], { unreadCount: 0 });
    const late = group([place('me', { lastReadSeq: 6 })], { unreadCount: 3 });
    expect(logs.withRoom(before, late, 'me')).toMatchObject({ unreadCount: 0, participants: [{ lastReadSeq: 9 }] });
    const later = group([place('me', { lastReadSeq: 9 })], { unreadCount: 1 });
    expect(logs.withRoom(before, later, 'me').unreadCount).toBe(1);
  });

  it.each([
    [[], 'sent', 'Sent'],
    [[[0, 0]], 'sent', 'Sent'],
    [[[0, 4]], 'delivered', 'Delivered'],
    [[[4, 4]], 'read', 'Read'],
    [
      [
        [4, 4],
        [0, 0],
      ],
      'sent',
      'Read by 1 of 2',
    ],
    [
      [
        [4, 4],
        [3, 4],
      ],
      'delivered',
      'Read by 1 of 2',
    ],
    [
      [
        [4, 4],
        [5, 5],
      ],
      'read',
      'Read by everybody',
    ],
  ] as const)('says of the positions %j that message 4 is %s: %s', (positions, state, text) => {
    const others = positions.map(([lastReadSeq, lastDeliveredSeq], at) =>
      place(`p${at}`, { lastReadSeq, lastDeliveredSeq }),
    );
    const receipt = logs.receiptOf(message(4, 'me'), [place('me'), ...others], 'me');
    expect(receipt.state).toBe(state);
    expect(logs.receiptText(receipt)).toBe(text);
  });

  it('marks the newest message of others as read, not own, deleted or growing ones', () => {
    const messages = [
      message(1, 'bob'),
      message(2, 'bob', { deletedAt: 'then' }),
      message(3, null, { role: 'assistant', status: 'streaming' }),
      message(4, 'me'),
    ];
    expect(logs.toMark(messages, 'me', 0)?.id).toBe('m1');
    expect(logs.toMark(messages, 'me', 1)).toBeUndefined();
    expect(logs.firstUnread([message(1, 'me'), message(2, 'bob')], 'me', 0)?.id).toBe('m2');
  });

  it('begins a new run with another speaker, another day, a pause and what is unread', () => {
    const at = (time: string) => ({ createdAt: `2026-01-0${time}` });
    const rows = logs.roomRows(
      [
        message(1, 'ada', at('1T10:00:00.000Z')),
        message(2, 'ada', at('1T10:01:00.000Z')),
        message(3, 'ada', at('1T11:00:00.000Z')),
        message(4, 'bob', at('1T11:00:10.000Z')),
        message(5, 'bob', at('1T11:00:20.000Z')),
        message(6, 'bob', at('4T11:00:20.000Z')),
      ],
      { unreadId: 'm5' },
    );
    expect(rows.filter(({ isFirst }) => isFirst).map(({ key }) => key)).toEqual(['m1', 'm3', 'm4', 'm5', 'm6']);
    expect(rows.map(({ key }) => key.slice(0, 3))).toEqual(['day', 'm1', 'm2', 'm3', 'm4', 'new', 'm5', 'day', 'm6']);
  });
});

describe('the text of a room in the page', () => {
  let texts: TextModule;
  const people = [
    { id: 'a', name: 'Ada' },
    { id: 'b', name: 'Ada Byron' },
  ];

  beforeAll(async () => {
    texts = (await page('rooms/text-parts.js')) as TextModule;
  });

  it('marks the longest name, whatever its case, and neither addresses of mail nor parts of words', () => {
    expect(texts.textParts('Hi @ada byron, and @Ada!', people)).toEqual([
      'Hi ',
      { type: 'mention', id: 'b', text: '@ada byron' },
      ', and ',
      { type: 'mention', id: 'a', text: '@Ada' },
      '!',
    ]);
    for (const text of ['me@Ada.example', '@Adam', '@@Ada', '@Nobody'])
      expect(texts.textParts(text, people)).toEqual([text]);
    expect(texts.textParts('@assistant?')[0]).toEqual({ type: 'mention', id: 'assistant', text: '@assistant' });
  });

  it('links to the web only, and leaves the stop of a sentence out', () => {
    expect(texts.textParts('See https://example.com/x. javascript:alert(1)')).toEqual([
      'See ',
      { type: 'link', href: 'https://example.com/x', text: 'https://example.com/x' },
      '. javascript:alert(1)',
    ]);
  });

  it('knows the name that is being typed', () => {
    expect(texts.nameBeingTyped('Hi @Ad', 6)).toEqual({ from: 3, words: 'ad' });
    expect(texts.nameBeingTyped('Hi @', 4)).toEqual({ from: 3, words: '' });
    expect(texts.nameBeingTyped('mail@ad', 7)).toBeNull();
    expect(texts.nameBeingTyped('@ada byron is', 13)).toBeNull();
    expect(texts.candidates('by', people).map(({ name }) => name)).toEqual(['Ada Byron']);
  });

  it('is done with long texts of marks in a moment', () => {
    const startedAt = performance.now();
    for (const piece of ['@', '@Ada', 'https://', '@Ada Byron '])
      texts.textParts(piece.repeat(10_000 / piece.length), people);
    expect(performance.now() - startedAt).toBeLessThan(15_000);
  });
});

describe('the words about rooms in the page', () => {
  let words: WordsModule;

  beforeAll(async () => {
    words = (await page('rooms/room-words.js')) as WordsModule;
  });

  it('calls a room by its name, else by those who are in it', () => {
    const people = ['me', 'Ada', 'Bob', 'Cyd', 'Dan'].map((id) => place(id));
    expect(words.roomTitle(group(people, { name: 'Tea' }), 'me')).toBe('Tea');
    expect(words.roomTitle(group(people), 'me')).toBe('Ada, Bob, Cyd and 1 more');
    expect(words.roomTitle(group(people.slice(0, 1)), 'me')).toBe('Only you');
    expect(words.roomTitle(group(people.slice(0, 2), { type: 'DIRECT' }), 'me')).toBe('Ada Person');
  });

  it('says who types and who inherits', () => {
    expect(words.typingText([])).toBe('');
    expect(words.typingText(['Bob'])).toBe('Bob is typing…');
    expect(words.typingText(['Bob', 'Cyd'])).toBe('Bob and Cyd are typing…');
    expect(words.typingText(['A', 'B', 'C', 'D'])).toBe('4 people are typing…');
    const room = group([place('me', { role: 'OWNER' }), place('Ada'), place('Bob', { role: 'ADMIN' })]);
    expect(words.heirOf(room, 'me')?.userId).toBe('Bob');
    expect(words.heirOf(room, 'Ada')).toBeUndefined();
  });

  it('takes two letters of a name for a face', async () => {
    const { initials } = (await import(new URL('../../public/common/faces.js', import.meta.url).href)) as {
      initials(name: string): string;
    };
    expect(initials('ada maria byron')).toBe('AB');
    expect(initials('😀')).toBe('?');
  });
});
