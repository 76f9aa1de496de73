import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { PageLab, type Visitor } from '../support/browser.js';

const words = (count: number, word = 'word') => Array.from({ length: count }, (_, index) => `${word}${index} `);

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

  const met = (visitor: Visitor) => {
    visitors.push(visitor);
    return visitor;
  };
  const person = async () => met(await lab.person());

  it('shows the answer while it grows, and its end with the usage', async () => {
    lab.model.script({ deltas: words(60), everyMs: 25, usage: { prompt_tokens: 12, completion_tokens: 60 } });
    const ada = await person();
    await ada.say('Count, please');
    await ada.page.getByText('word3').waitFor();
    expect(await ada.answerText()).not.toContain('word59');
    await ada.answered();
    expect((await ada.answerText()).trim()).toBe(words(60).join('').trim());
    expect(await ada.lastMessage.locator('.message-meta').textContent()).toContain('72 tokens');
    expect(await ada.messages.count()).toBe(2);
  });

  it('stops an answer: the text stays and the model sees the connection close', async () => {
    lab.model.script({ deltas: words(2000), everyMs: 20 });
    const ada = await person();
    await ada.say('Count for long');
    await ada.page.getByText('word5').waitFor();
    await ada.page.getByRole('button', { name: 'Stop the answer' }).click();
    await ada.answered('stopped');
    expect(await ada.answerText()).toContain('word5');
    expect(await ada.lastMessage.getByText('Stopped').isVisible()).toBe(true);
    expect((await lab.model.calls[0]!.closed).byClient).toBe(true);
  });

  it('answers again and keeps the former answer behind a fold', async () => {
    lab.model.script({ deltas: ['The first answer'] }, { deltas: ['The second answer'] });
    const ada = await person();
    await ada.say('Which one?');
    await ada.answered();
    await ada.page.getByRole('button', { name: 'Answer again' }).click();
    await ada.page.locator('.message-list > .message.complete', { hasText: 'The second answer' }).waitFor();
    const former = ada.page.getByText('The first answer');
    expect(await former.isVisible()).toBe(false);
    await ada.page.getByText('Earlier version').click();
    expect(await former.isVisible()).toBe(true);
  });

  it('changes an own message with the keyboard, answers anew and shows what it said before', async () => {
    lab.model.script({ deltas: ['About cats'] }, { deltas: ['About dogs'] });
    const ada = await person();
    await ada.say('Tell me about cats');
    await ada.answered();
    await ada.composer.press('ArrowUp');
    const field = ada.page.getByRole('textbox', { name: 'Edit your message' });
    await field.fill('Tell me about dogs');
    await field.press('Enter');
    await ada.page.locator('.message-list > .assistant.complete', { hasText: 'About dogs' }).waitFor();
    expect(await ada.page.locator('.message-list > .user .bubble').textContent()).toBe('Tell me about dogs');
    await ada.page.getByRole('button', { name: 'edited' }).click();
    await ada.page.getByRole('dialog').getByText('Tell me about cats').waitFor();
  });

  it('deletes a message after asking, and leaves its place', async () => {
    lab.model.script({ deltas: ['Noted'] });
    const ada = await person();
    await ada.say('My secret');
    await ada.answered();
    await ada.messages.first().hover();
    await ada.messages.first().getByRole('button', { name: 'Delete' }).click();
    await ada.page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await ada.messages.first().getByText('This message was deleted.').waitFor();
    expect(await ada.page.locator('.message-list').getByText('My secret').count()).toBe(0);
  });

  it('goes on with a running answer after a reload, without a hole', async () => {
    lab.model.script({ deltas: words(120), everyMs: 25 });
    const ada = await person();
    await ada.say('Count through a reload');
    await ada.page.getByText('word8').waitFor();
    await ada.page.reload();
    await ada.page.locator('.message.streaming', { hasText: 'word8' }).waitFor();
    await ada.answered();
    expect((await ada.answerText()).trim()).toBe(words(120).join('').trim());
  });

  it('shows the same on two devices of one person, also that the other one is typing', async () => {
    lab.model.script({ deltas: words(40), everyMs: 20 });
    const ada = await person();
    const phone = met(await lab.otherDeviceOf(ada));
    await ada.say('Seen twice');
    await phone.page.locator('.session-row a').click();
    await Promise.all([ada.answered(), phone.answered()]);
    expect(await phone.messages.allTextContents()).toEqual(await ada.messages.allTextContents());

    await phone.composer.pressSequentially('Hm');
    await ada.page.getByText('You are typing on another device…').waitFor();
    await phone.say('Hm, and now?');
    await ada.page.locator('.bubble', { hasText: 'Hm, and now?' }).waitFor();
    await ada.page.getByText('You are typing on another device…').waitFor({ state: 'hidden' });
  });

  it('says that it is reconnecting, and catches up with what was written meanwhile', async () => {
    lab.model.script({ deltas: words(150), everyMs: 20 });
    const ada = await person();
    await ada.say('Count through a tunnel');
    await ada.page.getByText('word8').waitFor();
    lab.cutNetwork();
    await ada.page.getByText('Reconnecting…').waitFor();
    lab.mendNetwork();
    await ada.answered();
    await ada.page.getByText('Reconnecting…').waitFor({ state: 'hidden' });
    expect((await ada.answerText()).trim()).toBe(words(150).join('').trim());
  });

  it('keeps a message that is written without a connection, through a reload, and sends it once', async () => {
    lab.model.script({ deltas: ['Here'] });
    const ada = await person();
    await ada.say('Are you there?');
    await ada.answered();
    lab.cutNetwork();
    await ada.page.getByText('Reconnecting…').waitFor();
    await ada.say('Written in the tunnel');
    await ada.page.getByText('Waiting for the connection').waitFor();
    lab.mendNetwork();
    await ada.page.reload();
    await ada.page.locator('.message.user.complete', { hasText: 'Written in the tunnel' }).waitFor();
    await ada.answered();
    const stored = await ada.api<{ content: string }[]>('GET', `/messages/${ada.sessionId}`);
    expect(stored.map(({ content }) => content)).toEqual(['Are you there?', 'Here', 'Written in the tunnel', 'Here']);
  });

  it('keeps what was typed and not sent', async () => {
    lab.model.script({ deltas: ['Yes'] });
    const ada = await person();
    await ada.say('A chat');
    await ada.answered();
    await ada.composer.fill('Half a thought');
    await ada.page.reload();
    await ada.messages.first().waitFor();
    expect(await ada.composer.inputValue()).toBe('Half a thought');
  });

  it('loads earlier messages while scrolling up and keeps the place', async () => {
    lab.model.script({ deltas: ['Yes'] });
    const ada = await person();
    await ada.say('The very first');
    await ada.answered();
    for (let number = 1; number <= 120; number++)
      await ada.api('POST', '/messages', { sessionId: ada.sessionId, role: 'assistant', content: `note ${number}` });
    await ada.page.reload();
    await ada.page.getByText('note 120', { exact: true }).waitFor();
    expect(await ada.messages.count()).toBe(50);
    const list = ada.page.locator('.messages');
    const topOf = (text: string) =>
      ada.page.getByText(text, { exact: true }).evaluate((element) => element.getBoundingClientRect().top);
    // In one step: the earlier page may be here before another question could be asked.
    const before = await list.evaluate((element) => {
      element.scrollTop = 200;
      const note = [...element.querySelectorAll('p')].find((paragraph) => paragraph.textContent === 'note 75');
      return note!.getBoundingClientRect().top;
    });
    await ada.page.getByText('note 40', { exact: true }).waitFor({ state: 'attached' });
    expect(Math.abs((await topOf('note 75')) - before)).toBeLessThan(4);
    await list.evaluate((element) => (element.scrollTop = 0));
    await ada.page.locator('.bubble', { hasText: 'The very first' }).waitFor({ state: 'attached' });
    expect(await ada.messages.count()).toBe(122);
  });

  it('draws Markdown as text and elements, whatever the model writes', async () => {
    const hostile =
      '# Title\n\n<img src=x onerror="alert(1)"> **bold** and `code`\n\n[bad](javascript:alert(1)) [good](https://example.com/a_b)\n\n' +
      '1. one\n2. two\n   - inner\n\n```html\n<script>alert(1)</script>\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |';
    lab.model.script({ deltas: [hostile] });
    const ada = await person();
    await ada.say('Show me');
    await ada.answered();
    const prose = ada.lastMessage.locator('.prose');
    expect(await prose.locator('img, script').count()).toBe(0);
    expect(await prose.getByText('<img src=x onerror="alert(1)">').isVisible()).toBe(true);
    expect(await prose.locator('strong').textContent()).toBe('bold');
    expect(await prose.locator('a').evaluateAll((all) => all.map((link) => (link as HTMLAnchorElement).href))).toEqual([
      'https://example.com/a_b',
    ]);
    expect(await prose.locator('a').getAttribute('rel')).toContain('noopener');
    expect(await prose.locator('pre code').textContent()).toBe('<script>alert(1)</script>');
    expect(await prose.locator('ol > li > ul > li').textContent()).toBe('inner');
    expect(await prose.locator('td').allTextContents()).toEqual(['1', '2']);
  });

  it('says that an answer broke off, keeps its text, and tries again when asked', async () => {
    lab.model.script({ deltas: ['Half of'], ending: 'cut' }, { deltas: ['Better now'] });
    const ada = await person();
    await ada.say('Fail first');
    await ada.answered('interrupted');
    expect(await ada.lastMessage.textContent()).toContain('Half of');
    expect(await ada.lastMessage.textContent()).toContain('Broke off: The connection to the model broke.');
    await ada.lastMessage.getByRole('button', { name: 'Try again' }).click();
    await ada.page.locator('.message-list > .message.complete', { hasText: 'Better now' }).waitFor();
  });

  it('logs every event of the socket for developers, to be filtered and paused', async () => {
    // Not before the page has joined: what the snapshot holds is not told again.
    lab.model.script({ deltas: ['Log', 'ged'], everyMs: 500 });
    const ada = await person();
    await ada.page.getByRole('button', { name: 'Developer panel' }).click();
    await ada.say('Watch me');
    await ada.answered();
    const panel = ada.page.getByRole('complementary', { name: 'Developer panel' });
    const names = () => panel.locator('.event strong').allTextContents();
    // The text may be whole before its end is told.
    await panel.locator('.event', { hasText: 'message:done' }).first().waitFor();
    for (const event of ['message:send', 'message:new', 'message:stream', 'message:done'])
      expect(await names()).toContain(event);
    await panel.getByRole('searchbox', { name: 'Filter events' }).fill('message:done');
    await panel.locator('.event', { hasText: 'message:send' }).first().waitFor({ state: 'detached' });
    expect(new Set(await names())).toEqual(new Set(['message:done']));
    await panel.getByRole('button', { name: /message:done/ }).click();
    expect(await panel.locator('pre').textContent()).toContain('"status": "complete"');
    await panel.getByRole('searchbox', { name: 'Filter events' }).fill('');
    await panel.getByRole('button', { name: 'Pause' }).click();
    await panel.getByRole('button', { name: 'Go on' }).waitFor();
    await panel.locator('.event', { hasText: 'message:send' }).first().waitFor();
    const before = (await names()).length;
    await ada.say('Not this one');
    await ada.answered();
    expect((await names()).length).toBe(before);
    expect(await panel.getByText(/^\d+ ms$/).isVisible()).toBe(true);
  });
});

describe('the playground page of a server that limits the pace', () => {
  let lab: PageLab;

  beforeAll(async () => {
    lab = await PageLab.start({ RATE_LIMIT_MS: '2500' });
  });

  afterAll(() => lab.stop());

  it('counts down, sends the message that came too early, and lets people write again', async () => {
    lab.model.script({ deltas: ['One'] }, { deltas: ['Two'] });
    const ada = await lab.person();
    await ada.say('First');
    await ada.answered();
    await ada.say('Too early');
    await ada.page.getByText(/Goes out in \d s/).waitFor();
    expect(await ada.page.locator('#composer-hint').textContent()).toMatch(/The next message can go out in \d s/);
    await ada.page.locator('button.send:disabled').waitFor();
    await ada.page.locator('.message-list > .message.complete', { hasText: 'Two' }).waitFor();
    await ada.composer.fill('And on');
    await ada.page.locator('button.send:enabled').waitFor();
    expect(ada.problems).toEqual([]);
  });
});
