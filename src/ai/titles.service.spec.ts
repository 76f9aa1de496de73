import { describe, expect, it } from '@jest/globals';
import { makeTitle } from './titles.service.js';

describe('makeTitle', () => {
  it.each([
    ['How do I boil an egg? I have a pot.', 'How do I boil an egg?'],
    ['Привет! Как дела? Что нового?', 'Привет! Как дела?'],
    ['  **Plan**\n\n# a trip  ', 'Plan a trip'],
    ['```js\nconsole.log(1)\n``` what is this', 'what is this'],
    ['Thanks.', 'Thanks'],
    ['\u202Egnp.exe', 'gnp.exe'],
    ['```only code```', ''],
  ])('of %j is %j', (text, title) => {
    expect(makeTitle(text)).toBe(title);
  });

  it('cuts between words and never within a character', () => {
    const title = makeTitle('a question that goes on and on and on without any end in sight for anybody at all');
    expect(title).toBe('a question that goes on and on and on without any end in…');
    expect([...makeTitle('😀'.repeat(100))]).toHaveLength(60);
    expect(makeTitle('😀'.repeat(100)).isWellFormed()).toBe(true);
  });
});
