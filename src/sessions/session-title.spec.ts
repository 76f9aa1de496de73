import { describe, expect, it } from '@jest/globals';
import { toTitle } from './session-title.js';

describe('toTitle', () => {
  it.each([
    ['Plain', 'Plain'],
    ['  a\n\tb\u2028c\0d  ', 'a b c d'],
    ['half \ud800 pair', 'half \ufffd pair'],
    ['😀'.repeat(150), '😀'.repeat(100)],
    [`x${'😀'.repeat(150)}`, `x${'😀'.repeat(99)}`],
    ['y'.repeat(201), 'y'.repeat(200)],
  ])('makes a title of %j', (text, title) => {
    expect(toTitle(text)).toBe(title);
  });

  it.each(['', ' \n\0 '])('finds no title in %j', (text) => {
    expect(toTitle(text)).toBeNull();
  });
});
