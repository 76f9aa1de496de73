import { describe, expect, it } from '@jest/globals';
import { LONGEST_TEXT, plainText, splitText, type FormattedText } from './formatted-text.js';
import { markdownToEntities } from './markdown-entities.js';

const joined = (parts: FormattedText[]) => parts.map(({ text }) => text).join('');

describe('splitText', () => {
  it('leaves a text alone that fits', () => {
    expect(splitText(plainText('x'.repeat(4096)))).toEqual([plainText('x'.repeat(4096))]);
  });

  it('cuts after a blank, never in a word, and loses nothing', () => {
    const text = 'word '.repeat(2000).trim();
    const parts = splitText(plainText(text));
    expect(parts.length).toBeGreaterThan(1);
    for (const part of parts) {
      expect(part.text.length).toBeLessThanOrEqual(LONGEST_TEXT);
      expect(
        part.text
          .trim()
          .split(' ')
          .every((word) => word === 'word'),
      ).toBe(true);
    }
    expect(joined(parts)).toBe(text);
  });

  it('prefers the end of a paragraph', () => {
    const text = `${'a '.repeat(1500)}\n\n${'b '.repeat(1500)}`;
    expect(splitText(plainText(text)).map((part) => part.text.trim()[0])).toEqual(['a', 'b']);
  });

  it('keeps characters whole, however long they are', () => {
    const family = '👨‍👩‍👧‍👦';
    for (const filler of ['', 'x', 'xx', 'xxx']) {
      const text = filler + family.repeat(1000);
      const parts = splitText(plainText(text));
      expect(joined(parts)).toBe(text);
      for (const part of parts) {
        expect(part.text.length).toBeLessThanOrEqual(LONGEST_TEXT);
        expect(part.text.isWellFormed()).toBe(true);
        expect(part.text.replace(/^x*/, '').replaceAll(family, '')).toBe('');
      }
    }
  });

  it('gets through a character that is longer than a message', () => {
    const text = `e${'\u0301'.repeat(9000)}`;
    const parts = splitText(plainText(text));
    expect(joined(parts)).toBe(text);
    expect(Math.max(...parts.map((part) => part.text.length))).toBeLessThanOrEqual(LONGEST_TEXT);
  });

  it('does not cut through what is shown differently when that fits into one message', () => {
    const text = markdownToEntities(
      `${'intro words '.repeat(250)}\n\`\`\`js\n${'let a = 1;\n'.repeat(200)}\`\`\`\nend`,
    );
    const parts = splitText(text);
    expect(parts).toHaveLength(2);
    expect(parts.flatMap((part) => part.entities)).toHaveLength(1);
    expect(joined(parts)).toBe(text.text);
  });

  it('shows both halves of a longer stretch as what it is', () => {
    const code = 'let a = 1;\n'.repeat(900);
    const parts = splitText(markdownToEntities(`\`\`\`js\n${code}\`\`\``));
    expect(parts.length).toBeGreaterThan(2);
    for (const part of parts)
      expect(part.entities).toEqual([{ type: 'pre', language: 'js', offset: 0, length: part.text.length }]);
  });

  it('puts no more entities into a message than Telegram takes', () => {
    const parts = splitText(markdownToEntities('**a** '.repeat(350)));
    for (const part of parts) expect(part.entities.length).toBeLessThanOrEqual(100);
    expect(parts.flatMap((part) => part.entities)).toHaveLength(350);
  });

  it('sends no blank part', () => {
    const parts = splitText(plainText(`${'x'.repeat(4096)}${' '.repeat(5000)}y`));
    for (const part of parts) expect(part.text.trim()).not.toBe('');
  });
});

describe('markdownToEntities', () => {
  const shown = (markdown: string) => {
    const { text, entities } = markdownToEntities(markdown);
    return [text, ...entities.map((it) => `${it.type}:${text.slice(it.offset, it.offset + it.length)}`)];
  };

  it.each([
    ['plain words', ['plain words']],
    ['a **bold** word', ['a bold word', 'bold:bold']],
    ['*it* and _it_', ['it and it', 'italic:it', 'italic:it']],
    ['**bold with *both* in it**', ['bold with both in it', 'bold:bold with both in it', 'italic:both']],
    ['~~gone~~', ['gone', 'strikethrough:gone']],
    ['`a * b * c`', ['a * b * c', 'code:a * b * c']],
    ['[site](https://example.com/a?b=c)', ['site', 'text_link:site']],
    ['[bad](javascript:alert)', ['[bad](javascript:alert)']],
    ['# Title\ntext', ['Title\ntext', 'bold:Title']],
    ['2 * 3 * 4 = 24', ['2 * 3 * 4 = 24']],
    ['snake_case_name and __init__', ['snake_case_name and init', 'bold:init']],
    ['an unclosed **mark', ['an unclosed **mark']],
    ['\\*not italic\\*', ['*not italic*']],
    ['<b>html</b> & more', ['<b>html</b> & more']],
    ['```\nx < y && **z**\n```\nafter', ['x < y && **z**\nafter', 'pre:x < y && **z**']],
    ['```py\nunclosed', ['unclosed', 'pre:unclosed']],
  ])('reads %j', (markdown, expected) => {
    expect(shown(markdown)).toEqual(expected);
  });

  it('stays fast on hostile text', () => {
    const started = performance.now();
    for (const piece of ['*', '_', '**a', '[', '`', '~~', '[a](', '\\', '# '])
      markdownToEntities(piece.repeat(64_000 / piece.length));
    expect(performance.now() - started).toBeLessThan(3_000);
  });
});
