import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { PageLab, type Visitor } from '../support/browser.js';

const words = (count: number) => Array.from({ length: count }, (_, index) => `word${index} `);

describe('a conversation on the playground page', () => {
  let lab: PageLab;
  const visitors: Visitor[] = [];

  beforeAll(async () => {
    lab = await PageLab.start();
  });

  afterAll(() => lab.stop());

  afterEach(async () => {
    for (const { page, problems } of visitors.splice(0)) {
      await page.context().close();
      expect(problems).toEqual([]);
    }
  });

  const person = async (...options: Parameters<PageLab['person']>) => {
    const visitor = await lab.person(...options);
    visitors.push(visitor);
    return visitor;
  };

  it('shows the answer while it grows, and its end with the usage', async () => {
    lab.model.script({ deltas: words(60), everyMs: 25, usage: { prompt_tokens: 12, completion_tokens: 60 } });
    const ada = await person();
    await ada.say('Count, please');
    await ada.page.getByText('word3', { exact: false }).waitFor();
    const early = (await ada.lastMessage.locator('.prose').textContent()) ?? '';
    expect(early).not.toContain('word59');
    await ada.answered();
    expect(await ada.lastMessage.locator('.prose').textContent()).toContain('word58 word59');
    expect(await ada.lastMessage.locator('.message-meta').textContent()).toContain('72 tokens');
    expect(await ada.messages.count()).toBe(2);
  });
});
