import { beforeAll, describe, expect, it } from '@jest/globals';

interface Message {
  id: string;
  seq: number;
  author_type: string;
  author_id: string | null;
  text: string;
  timestamp: string;
  metadata: Record<string, unknown>;
}
interface Log {
  messages: Message[];
  hasOlder: boolean;
}
interface LogModule {
  emptyLog(): Log;
  withNewest(log: Log, page: Message[], options?: { limit: number }): Log;
  withOlder(log: Log, page: Message[], options?: { limit: number }): Log;
  withMessages(log: Log, messages: Message[]): Log;
  withDelta(log: Log, piece: { messageId: string; delta: string; offset: number }): { log: Log; isGap: boolean };
  answerableSeq(messages: Message[], seen: number, me: string): number;
  timelineOf(messages: Message[], notes: { id: string; created_at: string }[]): { key: string }[];
}
interface Chat {
  id: string;
  status: string;
  operator_id: string | null;
  priority: string;
  is_pinned: boolean;
  waiting_since: string | null;
  updated_at: string;
}
interface RulesModule {
  isInTab(chat: Chat, view: { tab: string; state?: string }, me: string): boolean;
  inOrder(chats: Chat[], tab: string): Chat[];
  newerChat(before: Chat | undefined, chat: Chat): Chat;
  rightsOn(chat: Chat, operator: { id: string; role: string }): Record<string, boolean>;
}
interface WordsModule {
  customerName(user: object): string;
  duration(seconds: number | null): string;
  deliveryOf(message: { metadata: object }): { state: string; text: string; why: string } | null;
}
interface CannedModule {
  wordBeingTyped(text: string, caret: number): { from: number; words: string } | null;
}

const page = (path: string): Promise<unknown> => import(new URL(`../../public/desk/${path}`, import.meta.url).href);

const at = (seconds: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, seconds)).toISOString();
const message = (seq: number, fields: Partial<Message> = {}): Message => ({
  id: `m${seq}`,
  seq,
  author_type: 'user',
  author_id: 'ada',
  text: `text ${seq}`,
  timestamp: at(seq),
  metadata: { change_seq: seq, status: 'complete' },
  ...fields,
});
const seqs = ({ messages }: Log) => messages.map(({ seq }) => seq);

describe('the log of a chat at the desk', () => {
  let logs: LogModule;
  const limit = 3;
  const read = (...numbers: number[]) => numbers.map((number) => message(number));

  beforeAll(async () => {
    logs = (await page('chat-log.js')) as LogModule;
  });

  it('joins the newest page to what is known, and begins anew where it does not reach', () => {
    const known = logs.withNewest(logs.emptyLog(), read(4, 5, 6), { limit });
    expect(known.hasOlder).toBe(true);
    const joined = logs.withNewest(known, read(6, 7, 8), { limit });
    expect(seqs(joined)).toEqual([4, 5, 6, 7, 8]);
    expect(joined.hasOlder).toBe(true);
    const anew = logs.withNewest(joined, read(20, 21, 22), { limit });
    expect(seqs(anew)).toEqual([20, 21, 22]);
    expect(anew.hasOlder).toBe(true);
    const older = logs.withOlder(anew, read(18, 19), { limit });
    expect(seqs(older)).toEqual([18, 19, 20, 21, 22]);
    expect(older.hasOlder).toBe(false);
  });

  it('lets go of what the page leaves out, and keeps what came after it was read', () => {
    const known = logs.withNewest(logs.emptyLog(), read(1, 2), { limit });
    const grown = logs.withMessages(known, read(3));
    expect(seqs(logs.withNewest(grown, read(1), { limit }))).toEqual([1, 2, 3]);
    expect(seqs(logs.withNewest(grown, [message(1), message(3)], { limit }))).toEqual([1, 3]);
    const replaced = message(2, { metadata: { change_seq: 9, superseded_by_id: 'm9' } });
    expect(seqs(logs.withMessages(grown, [replaced]))).toEqual([1, 3]);
  });

  it('keeps the newer state of a message, whichever comes last', () => {
    const edited = message(1, { text: 'edited', metadata: { change_seq: 5 } });
    let log = logs.withNewest(logs.emptyLog(), [edited], { limit });
    log = logs.withMessages(log, [message(1)]);
    expect(log.messages[0]!.text).toBe('edited');
  });

  it('builds an answer from pieces and tells where one is missing', () => {
    const running = message(1, { author_type: 'bot', text: '', metadata: { change_seq: 1, status: 'streaming' } });
    let log = logs.withNewest(logs.emptyLog(), [running], { limit });
    for (const [delta, offset] of [
      ['Hel', 0],
      ['lo', 3],
      ['Hel', 0],
    ] as const)
      log = logs.withDelta(log, { messageId: 'm1', delta, offset }).log;
    expect(log.messages[0]!.text).toBe('Hello');
    expect(logs.withDelta(log, { messageId: 'm1', delta: '!', offset: 9 }).isGap).toBe(true);
    expect(logs.withDelta(log, { messageId: 'm2', delta: '!', offset: 0 }).isGap).toBe(true);
    const reread = logs.withNewest(log, [{ ...running, text: 'Hel' }], { limit });
    expect(reread.messages[0]!.text).toBe('Hello');
  });

  it('lets an operator answer after what they said themselves, and not past what somebody else said', () => {
    const mine = message(2, { author_type: 'operator', author_id: 'me' });
    const notice = message(3, { author_type: 'bot', author_id: null });
    expect(logs.answerableSeq([message(1), mine, notice], 1, 'me')).toBe(3);
    expect(logs.answerableSeq([message(1), mine, message(3), message(4)], 1, 'me')).toBe(2);
    const others = message(2, { author_type: 'operator', author_id: 'other' });
    expect(logs.answerableSeq([message(1), others], 1, 'me')).toBe(1);
  });

  it('puts notes where they were written', () => {
    const rows = logs.timelineOf(read(1, 3), [{ id: 'n', created_at: at(2) }]);
    expect(rows.map(({ key }) => key)).toEqual(['day-m1', 'm1', 'note-n', 'm3']);
  });
});

describe('the rules of the queue', () => {
  let rules: RulesModule;
  const chat = (id: string, fields: Partial<Chat> = {}): Chat => ({
    id,
    status: 'waiting',
    operator_id: null,
    priority: 'medium',
    is_pinned: false,
    waiting_since: at(0),
    updated_at: at(0),
    ...fields,
  });

  beforeAll(async () => {
    rules = (await page('queue-rules.js')) as RulesModule;
  });

  it('puts pinned ones first, then those who need it most and waited longest', () => {
    const chats = [
      chat('late', { waiting_since: at(9) }),
      chat('early', { waiting_since: at(1) }),
      chat('urgent', { priority: 'urgent', waiting_since: at(10) }),
      chat('pinned', { is_pinned: true, priority: 'low' }),
    ];
    expect(rules.inOrder(chats, 'waiting').map(({ id }) => id)).toEqual(['pinned', 'urgent', 'early', 'late']);
    const active = [chat('old', { updated_at: at(1) }), chat('new', { updated_at: at(2) })];
    expect(rules.inOrder(active, 'mine').map(({ id }) => id)).toEqual(['new', 'old']);
  });

  it('knows whose list a chat is in', () => {
    const mine = chat('c', { status: 'in_progress', operator_id: 'me' });
    expect(rules.isInTab(mine, { tab: 'mine' }, 'me')).toBe(true);
    expect(rules.isInTab(mine, { tab: 'mine' }, 'other')).toBe(false);
    expect(rules.isInTab(chat('b', { status: 'bot' }), { tab: 'all' }, 'me')).toBe(false);
    expect(rules.isInTab(chat('b', { status: 'bot' }), { tab: 'all', state: 'bot' }, 'me')).toBe(true);
  });

  it('does not go back to an older state of a chat', () => {
    const [older, newer] = [chat('c', { updated_at: at(1) }), chat('c', { updated_at: at(2) })];
    expect(rules.newerChat(newer, older)).toBe(newer);
    expect(rules.newerChat(older, newer)).toBe(newer);
    expect(rules.newerChat(undefined, older)).toBe(older);
  });

  it('offers what the server lets this operator do', () => {
    const [bob, sue] = [
      { id: 'bob', role: 'operator' },
      { id: 'sue', role: 'senior_operator' },
    ];
    const held = chat('c', { status: 'in_progress', operator_id: 'bob' });
    const may = (one: Chat, who: typeof bob) =>
      Object.entries(rules.rightsOn(one, who)).flatMap(([name, is]) => (is ? [name] : []));
    expect(may(chat('w'), bob)).toEqual(['take']);
    expect(may(held, bob)).toEqual(['reply', 'end', 'isMine']);
    expect(may(held, { ...bob, id: 'other' })).toEqual([]);
    expect(may(held, sue)).toEqual(['reply', 'end', 'transfer', 'queue']);
    expect(may(chat('b', { status: 'bot' }), bob)).toEqual([]);
    expect(may(chat('b', { status: 'bot' }), sue)).toEqual(['take']);
    expect(may(chat('x', { status: 'closed', operator_id: 'bob' }), bob)).toEqual([]);
    expect(may(chat('x', { status: 'closed' }), sue)).toEqual(['reopen']);
  });
});

describe('the words of the desk', () => {
  let wordsOf: WordsModule;
  let canned: CannedModule;

  beforeAll(async () => {
    wordsOf = (await page('words.js')) as WordsModule;
    canned = (await page('canned-words.js')) as CannedModule;
  });

  it('calls customers by the best name there is', () => {
    expect(wordsOf.customerName({ first_name: 'Ada', last_name: 'Byron', username: 'ada' })).toBe('Ada Byron');
    expect(wordsOf.customerName({ name: 'A. Byron' })).toBe('A. Byron');
    expect(wordsOf.customerName({ username: 'ada' })).toBe('@ada');
    expect(wordsOf.customerName({})).toBe('Customer');
  });

  it('says durations in the unit that fits', () => {
    expect([null, 5, 59.6, 120, 3900, 200_000].map((seconds) => wordsOf.duration(seconds))).toEqual([
      '–',
      '5 s',
      '1 min',
      '2 min',
      '1 h 05 min',
      '2 days',
    ]);
  });

  it.each(['queued', 'sent', 'failed', 'unknown'])('shows that a message is %s', (state) => {
    const shown = wordsOf.deliveryOf({ metadata: { delivery: { state, error: 'blocked' } } });
    expect(shown).toMatchObject({ state, why: 'blocked' });
    expect(shown?.text).not.toBe('');
    expect(wordsOf.deliveryOf({ metadata: { delivery: { state: 'elsewhere' } } })).toBeNull();
    expect(wordsOf.deliveryOf({ metadata: {} })).toBeNull();
  });

  it('sees a canned reply being called only where a word begins', () => {
    expect(canned.wordBeingTyped('/hi', 3)).toEqual({ from: 0, words: 'hi' });
    expect(canned.wordBeingTyped('Well, /', 7)).toEqual({ from: 6, words: '' });
    expect(canned.wordBeingTyped('and/or', 6)).toBeNull();
    expect(canned.wordBeingTyped('https://x', 9)).toBeNull();
    expect(canned.wordBeingTyped('/hi there', 9)).toBeNull();
  });
});
