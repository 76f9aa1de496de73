import { beforeAll, describe, expect, it } from '@jest/globals';

interface PageMessage {
  id: string;
  seq: number;
  changeSeq: number;
  role: string;
  status: string;
  content: string;
}
interface Log {
  cursor: number | null;
  hasOlder: boolean;
  messages: PageMessage[];
}
interface LogModule {
  emptyLog(sessionId: string): Log;
  withPage(log: Log, messages: PageMessage[], options?: { limit?: number }): Log;
  withChanges(log: Log, answer: { head: number; messages?: PageMessage[]; reset?: boolean; streaming?: object }): Log;
  withMessage(log: Log, message: PageMessage): { log: Log; isGap: boolean };
  withDelta(log: Log, piece: { messageId: string; delta: string; offset: number }): { log: Log; isGap: boolean };
}
interface MarkdownModule {
  parseBlocks(source: string): unknown[];
  parseInline(text: string): unknown[];
  safeAddress(target: string): string | null;
}

const page = (path: string): Promise<unknown> => import(new URL(`../../public/${path}`, import.meta.url).href);

describe('the log of a conversation in the page', () => {
  let logs: LogModule;
  const message = (seq: number, fields: Partial<PageMessage> = {}): PageMessage => ({
    id: `m${seq}`,
    seq,
    changeSeq: seq,
    role: 'assistant',
    status: 'complete',
    content: `text ${seq}`,
    ...fields,
  });
  const running = () => {
    const log = logs.withChanges(logs.withPage(logs.emptyLog('s'), []), { head: 0 });
    return logs.withMessage(log, message(1, { status: 'streaming', content: '' })).log;
  };
  const textOf = (log: Log) => log.messages.at(-1)!.content;

  beforeAll(async () => {
    logs = (await page('playground/conversation-log.js')) as LogModule;
  });

  it('builds an answer from its pieces, whichever of them are repeated', () => {
    const pieces = ['Hel', 'lo ', 'wor', 'ld', '!'].map((delta, index, all) => ({
      messageId: 'm1',
      delta,
      offset: all.slice(0, index).join('').length,
    }));
    let log = running();
    for (const place of [0, 1, 0, 1, 2, 2, 1, 3, 0, 4, 4]) log = logs.withDelta(log, pieces[place]!).log;
    expect(textOf(log)).toBe('Hello world!');
  });

  it('sees a missing piece and leaves the text as it was', () => {
    const first = logs.withDelta(running(), { messageId: 'm1', delta: 'one ', offset: 0 });
    const jump = logs.withDelta(first.log, { messageId: 'm1', delta: 'three', offset: 8 });
    expect(first.isGap).toBe(false);
    expect(jump.isGap).toBe(true);
    expect(textOf(jump.log)).toBe('one ');
  });

  it('starts over when the answer does', () => {
    const { log } = logs.withDelta(running(), { messageId: 'm1', delta: 'old words', offset: 0 });
    expect(textOf(logs.withDelta(log, { messageId: 'm1', delta: 'New', offset: 0 }).log)).toBe('New');
  });

  it('does not let a stored text that lies behind take back what was shown', () => {
    const { log } = logs.withDelta(running(), { messageId: 'm1', delta: 'shown already', offset: 0 });
    const joined = logs.withChanges(log, {
      head: 1,
      messages: [message(1, { status: 'streaming', content: 'shown' })],
    });
    expect(textOf(joined)).toBe('shown already');
  });

  it('ignores a late piece after the end', () => {
    const { log } = logs.withMessage(running(), message(1, { changeSeq: 2, content: 'The end' }));
    expect(textOf(logs.withDelta(log, { messageId: 'm1', delta: 'x', offset: 0 }).log)).toBe('The end');
  });

  it('keeps the newest state of each message whatever the order, and sees a jump in the numbers', () => {
    const events = [1, 2, 3, 4].map((seq) => message(seq)).concat(message(2, { changeSeq: 5, content: 'edited' }));
    const start = logs.withChanges(logs.withPage(logs.emptyLog('s'), []), { head: 0 });
    const shuffled = [events[4]!, events[1]!, events[0]!, events[3]!, events[1]!, events[2]!];
    let log = start;
    const gaps = shuffled.map((event) => {
      const next = logs.withMessage(log, event);
      log = next.log;
      return next.isGap;
    });
    expect(log.messages.map(({ content }) => content)).toEqual(['text 1', 'edited', 'text 3', 'text 4']);
    expect(gaps[0]).toBe(true);
    expect(logs.withChanges(log, { head: 5 }).cursor).toBe(5);
  });

  it('leaves changes of pages that are not loaded to those pages', () => {
    const newest = logs.withPage(logs.emptyLog('s'), [message(51), message(52)], { limit: 2 });
    const next = logs.withChanges(newest, {
      head: 60,
      messages: [message(3, { changeSeq: 60 }), message(52, { changeSeq: 59 })],
    });
    expect(next.messages.map(({ id }) => id)).toEqual(['m51', 'm52']);
    expect(logs.withPage(next, [message(49), message(50)], { limit: 2 }).messages).toHaveLength(4);
  });

  it('forgets everything when the server says that it is another history', () => {
    const log = logs.withChanges(logs.withPage(logs.emptyLog('s'), [message(9)]), { head: 9 });
    const next = logs.withChanges(log, { head: 1, messages: [message(1)], reset: true });
    expect(next.messages.map(({ id }) => id)).toEqual(['m1']);
    expect(next.cursor).toBe(1);
  });
});

describe('the Markdown of the page', () => {
  let markdown: MarkdownModule;

  beforeAll(async () => {
    markdown = (await page('common/markdown.js')) as MarkdownModule;
  });

  it('draws a code block while it is still being written', () => {
    expect(markdown.parseBlocks('Look:\n```js\nlet a')).toEqual([
      { type: 'paragraph', inline: ['Look:'] },
      { type: 'code', language: 'js', text: 'let a' },
    ]);
  });

  it('takes a longer fence for the frame of a shorter one', () => {
    expect(markdown.parseBlocks('````\n```\nx\n```\n````')).toEqual([
      { type: 'code', language: '', text: '```\nx\n```' },
    ]);
  });

  it('leaves arithmetic, snake_case and lonely marks as they are', () => {
    for (const text of ['2 * 3 * 4', 'a_snake_case_name', 'a ** b', '5 > 3', '`open', '[not a link]', 'C:\\new'])
      expect(markdown.parseBlocks(text)).toEqual([{ type: 'paragraph', inline: [text] }]);
  });

  it('nests emphasis and keeps marks in code as text', () => {
    expect(markdown.parseInline('**a *b* `*c*`**')).toEqual([
      {
        type: 'strong',
        inline: ['a ', { type: 'emphasis', inline: ['b'] }, ' ', { type: 'code', text: '*c*' }],
      },
    ]);
  });

  it('reads lists within lists, and a year at the start of a line as prose', () => {
    expect(markdown.parseBlocks('3. a\n   - b\n4. c')).toMatchObject([
      {
        type: 'list',
        ordered: true,
        start: 3,
        items: [[{ type: 'paragraph' }, { type: 'list' }], [{ type: 'paragraph' }]],
      },
    ]);
    expect(markdown.parseBlocks('It was\n1999. Or so.')).toHaveLength(1);
  });

  it('links to the web only', () => {
    expect(markdown.safeAddress('https://example.com/a?b=c')).toBe('https://example.com/a?b=c');
    for (const target of [
      'javascript:alert(1)',
      'JaVaScRiPt:alert(1)',
      'data:text/html,x',
      'vbscript:x',
      '//x',
      'file:///etc',
    ])
      expect(markdown.safeAddress(target)).toBeNull();
    expect(markdown.parseInline('See https://example.com/x.')).toEqual([
      'See ',
      { type: 'link', href: 'https://example.com/x', inline: ['https://example.com/x'] },
      '.',
    ]);
  });

  it.each(['*', '_', '`', '[', '**a ', '[a](', '~~x', '> ', '- ', '|a|\n|-', '\\', 'https://'])(
    'is done with 60 000 characters of %j in a moment',
    (piece) => {
      const startedAt = performance.now();
      markdown.parseBlocks(piece.repeat(Math.ceil(60_000 / piece.length)));
      markdown.parseBlocks(`${piece.repeat(Math.ceil(19_000 / piece.length))}\n\nend`);
      // Far from what it takes, and far below what a text that backtracks would.
      expect(performance.now() - startedAt).toBeLessThan(15_000);
    },
  );
});
