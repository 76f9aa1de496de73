import { describe, expect, it } from '@jest/globals';
import { MAX_EMOJI_LENGTH, toEmoji } from './emoji.js';

describe('toEmoji', () => {
  it.each(['👍', '👍🏽', '❤️', '☺️', '🏳️‍🌈', '👨‍👩‍👧‍👦', '🇷🇺', '1️⃣', '🏴󠁧󠁢󠁥󠁮󠁧󠁿', '👩🏽‍❤️‍💋‍👨🏿'])('takes %s', (emoji) => {
    expect(toEmoji(emoji)).toBe(emoji);
    expect(emoji.length).toBeLessThanOrEqual(MAX_EMOJI_LENGTH);
  });

  it.each([
    ['❤', '❤️'],
    ['🏳‍🌈', '🏳️‍🌈'],
    ['1⃣', '1️⃣'],
    ['✌🏽', '✌🏽'],
  ])('takes the short form %s for %s', (short, full) => {
    expect(toEmoji(short)).toBe(full);
  });

  it.each([
    '',
    ' ',
    'a',
    '1',
    '#',
    '👍👍',
    '👍 ',
    'ok👍',
    '👍\u200d',
    '\ufe0f',
    '🏽🏽',
    '☺︎',
    '<3',
    ':+1:',
    '👍'.repeat(40),
  ])('refuses %j', (text) => {
    expect(toEmoji(text)).toBeNull();
  });

  it.each([null, undefined, 1, {}, ['👍']])('refuses %j, which is no text', (value) => {
    expect(toEmoji(value)).toBeNull();
  });
});
