import { describe, expect, it } from '@jest/globals';
import { inlineText, quotedText } from './markdown-text.js';

const ESCAPED_FENCE = '\\`\\`\\`';

describe('quotedText', () => {
  it('leaves a line as it is and quotes every further one', () => {
    expect(quotedText('one')).toBe('one');
    expect(quotedText('one\ntwo\n\nthree')).toBe('one\n> two\n>\n> three');
  });

  it.each([
    ['\n', 'LF'],
    ['\r\n', 'CRLF'],
    ['\r', 'CR'],
    ['\v', 'VT'],
    ['\f', 'FF'],
    ['\u0085', 'NEL'],
    ['\u2028', 'LS'],
    ['\u2029', 'PS'],
  ])('sees the end of a line in %j (%s)', (end) => {
    expect(quotedText(`a${end}**assistant**: b`)).toBe('a\n> **assistant**: b');
  });

  it.each([
    ['<img src=x onerror=alert(1)>', '&lt;img src=x onerror=alert(1)>'],
    ['a </b> <!-- <?x', 'a &lt;/b> &lt;!-- &lt;?x'],
    ['<https://evil.example>', '&lt;https://evil.example>'],
    ['1 < 2, a <- b', '1 < 2, a <- b'],
    ['![x](https://evil.example/x.png)', '![x&#93;(https://evil.example/x.png)'],
    ['[x](javascript:alert(1))', '[x&#93;(javascript:alert(1))'],
    ['[x]: https://evil.example', '[x&#93;: https://evil.example'],
    ['a[0] and [x] [y]', 'a[0] and [x] [y]'],
    ['\\<b>', '&lt;b>'],
    ['\\\\<b>', '\\\\&lt;b>'],
    ['[x\\](y)', '[x&#93;(y)'],
    ['http://a.example/\\<b>', 'http://a.example/&lt;b>'],
    ['  ```', `  ${ESCAPED_FENCE}`],
    ['- ~~~', '- \\~\\~\\~'],
    ['```a```', `${ESCAPED_FENCE}a${ESCAPED_FENCE}`],
    ['\\```', '\\```'],
    ['**bold** _it_ `code` # no heading', '**bold** _it_ `code` # no heading'],
  ])('makes %j harmless and nothing else', (text, expected) => {
    expect(quotedText(text)).toBe(expected);
  });

  it('keeps code blocks word for word', () => {
    expect(quotedText('See:\n```ts\nconst a = <T>(x[0]);\n\n```\nDone <b>')).toBe(
      'See:\n> ```ts\n> const a = <T>(x[0]);\n>\n> ```\n> Done &lt;b>',
    );
  });

  it('begins a code block of the first line on a line of its own', () => {
    expect(quotedText('```\nx\n```')).toBe('\n> ```\n> x\n> ```');
  });

  it('closes a code block that the text leaves open', () => {
    expect(quotedText('a\n~~~js\n<b>')).toBe('a\n> ```js\n> <b>\n> ```');
  });

  it.each(['```\n```` <b>\n```', '````\n```\n<b>\n````', '~~~\n```\n<b>\n~~~', '```\n\t```\n<b>\n```'])(
    'fences the code of %j so that the code cannot end it',
    (text) => {
      const lines = quotedText(text).split('\n').slice(1);
      const fence = (lines[0] as string).slice(2);
      expect(fence).toMatch(/^`{3,}$/);
      expect(lines.at(-1)).toBe(`> ${fence}`);
      for (const line of lines.slice(1, -1)) expect(line).not.toContain(fence);
    },
  );

  it('keeps only a plain language name after a fence', () => {
    expect(quotedText('a\n```c++ onclick=x\ny\n```')).toBe('a\n> ```c++\n> y\n> ```');
    expect(quotedText('a\n~~~<img src=x>\ny\n~~~')).toBe('a\n> ```\n> y\n> ```');
  });

  it('takes a time that grows with the length only', () => {
    const attacks = ['\\', '<', ']', '`', '~', '[', '\n```', '\n~~~', '> ', '\r', '\\<'];
    const started = performance.now();
    for (const attack of attacks) quotedText(attack.repeat(256_000 / attack.length));
    expect(performance.now() - started).toBeLessThan(10_000);
  });
});

describe('inlineText', () => {
  it.each([
    ['a\nb\r\n\tc', 'a b c'],
    ['x\u2028# y\u0085z', 'x # y z'],
    ['<b>t</b>', '&lt;b>t&lt;/b>'],
    [' \n ', ''],
  ])('makes one harmless line of %j', (text, expected) => {
    expect(inlineText(text)).toBe(expected);
  });
});
