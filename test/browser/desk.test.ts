import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { ChatResponse } from '../../src/operators/dto/chat.response.dto.js';
import { DeskLab, type DeskVisitor } from '../support/desk-lab.js';
import { audit, overflow, smallTargets } from '../support/page-audit.js';

const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
/** The module that calls operators. */
interface Alerts {
  alerts: { get(): { rings: number } };
}
const words = (count: number) => Array.from({ length: count }, (_, index) => `word${index} `);

describe('the desk page', () => {
  let lab: DeskLab;
  const visitors: DeskVisitor[] = [];

  beforeAll(async () => {
    lab = await DeskLab.start();
    lab.lab.model.script({ deltas: ['I am the assistant.'] });
  });

  afterAll(() => lab.stop());

  afterEach(async () => {
    for (const { page, problems } of visitors.splice(0)) {
      await page.context().close();
      expect(problems).toEqual([]);
    }
  });

  const met = (visitor: DeskVisitor) => {
    visitors.push(visitor);
    return visitor;
  };
  const operator = async (...how: Parameters<DeskLab['operator']>) => met(await lab.operator(...how));
  const stored = async (chatId: string) => (await lab.desk.admin.messages(chatId)).map(({ text }) => text);
  const chatOf = (chatId: string): Promise<ChatResponse> => lab.desk.admin.chat(chatId);

  it('carries one operator through a day', async () => {
    const account = await lab.account('operator', 'Grace Hopper');
    const grace = met(await lab.visitor());
    await grace.signIn(account.email, 'not the password');
    await grace.page.getByRole('alert').getByText('password', { exact: false }).waitFor();
    await grace.enter(account);
    await grace.button('Your status: Online').waitFor();
    await grace.page.getByRole('button', { name: 'Your status: Online' }).click();
    await grace.page.getByRole('menuitemradio', { name: 'Away' }).click();
    await grace.button('Your status: Away').waitFor();

    // Somebody calls for a human while the desk is open.
    const ada = await lab.waiting('Ada Morning', 'My parcel is late. talk to a human');
    await grace.row(ada.chatId).waitFor();
    await grace.page.waitForFunction(() => /^\(\d+\) /.test(document.title));
    await grace.page.waitForFunction(async () => {
      const { alerts } = (await import(`${location.origin}/assets/desk/alerts.js`)) as Alerts;
      return alerts.get().rings > 0;
    });
    await grace.open(ada.chatId);
    await grace.said('My parcel is late. talk to a human').waitFor();
    await grace.take();
    expect((await chatOf(ada.chatId)).status).toBe('in_progress');

    await grace.reply('Good morning, let me look.');
    await grace.said('Good morning, let me look.').waitFor();
    await ada.say('Thank you!');
    await grace.said('Thank you!').waitFor();

    // A note is for operators.
    await grace.button('Note').click();
    await grace.reply('Carrier says Friday.');
    await grace.page.locator('.chat-note', { hasText: 'Carrier says Friday.' }).waitFor();
    expect(await stored(ada.chatId)).not.toContain('Carrier says Friday.');
    await grace.button('Reply').click();

    // A canned reply is written once and found by its shortcut.
    await grace.choose('Account of Grace Hopper', 'Canned replies');
    await grace.button('New canned reply').click();
    await grace.page.getByLabel('Title').fill('Parcel on its way');
    await grace.page.getByLabel('Shortcut, typed after /').fill('way');
    await grace.page.getByLabel('Text', { exact: true }).fill('It arrives on Friday.');
    await grace.button('Save').click();
    await grace.page.getByRole('dialog').getByText('Parcel on its way').waitFor();
    await grace.page.getByRole('dialog').getByRole('button', { name: 'Close', exact: true }).click();
    await grace.field.pressSequentially('/wa');
    await grace.page.getByRole('option', { name: 'Parcel on its way' }).waitFor();
    await grace.field.press('Enter');
    expect(await grace.field.inputValue()).toBe('It arrives on Friday.');
    await grace.field.press('Enter');
    await grace.said('It arrives on Friday.').waitFor();

    // The assistant drafts, and nothing leaves before the operator sends it.
    const before = await stored(ada.chatId);
    lab.lab.model.script({ deltas: ['Shall I write', ' to you then?'] });
    await grace.button('Draft').click();
    await grace.page.waitForFunction(
      () => (document.getElementById('composer') as HTMLTextAreaElement).value === 'Shall I write to you then?',
    );
    expect(await stored(ada.chatId)).toEqual(before);
    await grace.field.press('Enter');
    await grace.said('Shall I write to you then?').waitFor();

    // Marks, and finding the chat by them.
    const card = grace.page.getByRole('complementary', { name: 'Customer' });
    await card.getByLabel('Priority').selectOption('urgent');
    await card.getByLabel('New tag').fill('parcel');
    await card.getByRole('button', { name: 'Add', exact: true }).click();
    await card.getByRole('button', { name: 'Remove the tag parcel' }).waitFor();
    await card.getByLabel('Pinned to the top').check();
    await grace.tab('Mine').click();
    await grace.row(ada.chatId).getByText('Urgent', { exact: true }).waitFor();
    await grace.page.getByLabel('Search chats').fill('late. talk to a');
    await grace.row(ada.chatId).waitFor();
    await grace.page.getByLabel('Search chats').fill('no such words anywhere');
    await grace.page.getByText('No chat fits this search.').waitFor();
    await grace.page.getByLabel('Search chats').fill('');
    await grace.row(ada.chatId).waitFor();
    const { priority, tags, is_pinned: isPinned } = await chatOf(ada.chatId);
    expect({ priority, tags, isPinned }).toEqual({ priority: 'urgent', tags: ['parcel'], isPinned: true });

    await grace.page.locator('.chat-header').getByRole('button', { name: 'Close', exact: true }).click();
    await grace.page.getByLabel('How it ended (the customer does not see this)').fill('Arrives on Friday');
    await grace.button('Close chat').click();
    await grace.state.getByText('Closed by You.').waitFor();
    await grace.row(ada.chatId).waitFor({ state: 'detached' });
    expect((await chatOf(ada.chatId)).resolution).toBe('Arrives on Friday');
    await grace.page.locator('.filters summary').click();
    await grace.page.getByLabel('State').selectOption('closed');
    await grace.row(ada.chatId).waitFor();

    await grace.page.getByRole('link', { name: 'Statistics' }).click();
    const line = grace.page.getByRole('row', { name: /Grace Hopper/ });
    await line.waitFor();
    expect(await line.getByRole('cell').allTextContents()).toEqual(expect.arrayContaining(['0', '1']));

    await grace.choose('Account of Grace Hopper', 'Sign out');
    await grace.page.getByRole('heading', { name: 'Operator desk' }).waitFor();
    const [me] = (await lab.desk.admin.get<{ name: string; status: string }[]>('/api/operators')).body.filter(
      ({ name }) => name === 'Grace Hopper',
    );
    expect(me?.status).toBe('offline');
  });

  it('gives a chat to exactly one of two operators, and tells the other who has it', async () => {
    const [ada, bob] = [await operator('operator', 'Ada Racer'), await operator('operator', 'Bob Racer')];
    const customer = await lab.waiting('Racing Customer');
    for (const one of [ada, bob]) {
      await one.row(customer.chatId).waitFor();
      await one.open(customer.chatId);
    }
    const take = (one: DeskVisitor) => one.button('Take this chat');
    await Promise.all([take(ada).waitFor(), take(bob).waitFor()]);
    await Promise.all([take(ada).click(), take(bob).click()]);
    await Promise.any([ada.button('Reply').waitFor(), bob.button('Reply').waitFor()]);
    const { operator_id: holder } = await chatOf(customer.chatId);
    const adaId = (await ada.api<{ id: string }>('GET', '/api/operators/me')).id;
    const [winner, loser, name] = holder === adaId ? [ada, bob, 'Ada Racer'] : [bob, ada, 'Bob Racer'];
    await winner.button('Reply').waitFor();
    await loser.state.getByText(`${name} has taken this chat.`).waitFor();
    expect(await loser.button('Reply').count()).toBe(0);
    await loser.row(customer.chatId).waitFor({ state: 'detached' });
    await winner.reply('I am here for you.');
    await winner.said('I am here for you.').waitFor();
  });

  it('keeps what was typed, by chat, over a reload', async () => {
    const grace = await operator();
    const [first, second] = [await lab.waiting('First Draft'), await lab.waiting('Second Draft')];
    for (const customer of [first, second]) {
      await grace.tab('Waiting').click();
      await grace.row(customer.chatId).waitFor();
      await grace.open(customer.chatId);
      await grace.take();
      await grace.field.fill(`Half a reply to ${customer.chatId}`);
    }
    await grace.page.reload();
    await grace.page.locator('.chat-messages[data-ready=true]').waitFor();
    expect(await grace.field.inputValue()).toBe(`Half a reply to ${second.chatId}`);
    await grace.tab('Mine').click();
    await grace.row(first.chatId).waitFor();
    await grace.open(first.chatId);
    await grace.page.getByRole('heading', { name: 'First Draft', level: 1 }).waitFor();
    expect(await grace.field.inputValue()).toBe(`Half a reply to ${first.chatId}`);
  });

  it('says that it is offline, keeps a reply that was written then, and comes back without a gap', async () => {
    const grace = await operator();
    const customer = await lab.waiting('Tunnel Customer');
    await grace.row(customer.chatId).waitFor();
    await grace.open(customer.chatId);
    await grace.take();
    lab.lab.cutNetwork();
    await grace.page.getByText('Offline, retrying…', { exact: false }).waitFor();
    await grace.reply('Written in the tunnel');
    await grace.page.locator('.chat-message.unsent').getByText('Waiting for the connection').waitFor();
    const other = await lab.waiting('Came In The Tunnel');
    lab.lab.mendNetwork();
    await grace.said('Written in the tunnel').waitFor();
    await grace.page.locator('.chat-message.unsent').waitFor({ state: 'detached' });

    lab.lab.cutNetwork();
    await grace.page.getByText('Offline, retrying…', { exact: false }).waitFor();
    for (let number = 1; number <= 5; number++) await customer.say(`missed ${number}`);
    lab.lab.mendNetwork();
    for (let number = 1; number <= 5; number++) await grace.said(`missed ${number}`).waitFor();
    await grace.page.getByText('Offline, retrying…', { exact: false }).waitFor({ state: 'detached' });
    await grace.tab('Waiting').click();
    await grace.row(other.chatId).waitFor();
    expect(await grace.page.locator('.chat-message .bubble').allTextContents()).toEqual(await stored(customer.chatId));
  });

  it('holds a reply back when something was said that the operator has not seen', async () => {
    const grace = await operator();
    const customer = await lab.waiting('Quick Customer');
    await grace.row(customer.chatId).waitFor();
    await grace.open(customer.chatId);
    await grace.take();
    lab.lab.cutNetwork();
    await grace.page.getByText('Offline, retrying…', { exact: false }).waitFor();
    await customer.say('Wait, I found it!');
    await grace.reply('I shall look for it.');
    lab.lab.mendNetwork();
    await grace.page.getByRole('alert').getByText('Not sent:').waitFor();
    await grace.page.locator('.chat-message.missed').getByText('Wait, I found it!').waitFor();
    expect(await grace.field.inputValue()).toBe('I shall look for it.');
    expect(await stored(customer.chatId)).not.toContain('I shall look for it.');
    await grace.field.press('Enter');
    await grace.said('I shall look for it.').waitFor();
    expect((await stored(customer.chatId)).filter((text) => text === 'I shall look for it.')).toHaveLength(1);
  });

  it('runs nothing of what customers are called and write', async () => {
    const name = '<img src=x onerror="document.title=\'owned\'"> \u202Eevil';
    const text =
      '<script>document.title="owned"</script> talk to a human [x](javascript:alert(1)) https://example.com/a';
    const customer = await lab.waiting(name, text);
    const grace = await operator('senior_operator');
    await grace.row(customer.chatId).waitFor();
    await grace.open(customer.chatId);
    await grace.take();
    await customer.say('http://example.com/"onmouseover="alert(1)');
    await grace.page.locator('.chat-message.customer').nth(1).waitFor();
    await lab.desk.admin.post(`/api/chats/${customer.chatId}/notes`, { text });
    await grace.page.locator('.chat-note', { hasText: 'talk to a human' }).waitFor();
    expect(await grace.page.locator('.chat, .queue').locator('img, script').count()).toBe(0);
    expect(await grace.page.title()).not.toContain('owned –');
    const links = grace.page.locator('.chat-message.customer a');
    expect(await links.evaluateAll((all) => all.map((link) => (link as HTMLAnchorElement).href))).toEqual([
      'https://example.com/a',
      'http://example.com/',
    ]);
    expect(await grace.page.getByRole('heading', { level: 1 }).locator('bdi').textContent()).toBe(name);
  });

  it('lets a senior watch the assistant write, and silences it by taking over', async () => {
    const senior = await operator('senior_operator', 'Sen Ior');
    lab.lab.model.script({ deltas: words(3000), everyMs: 20 });
    const customer = await lab.desk.customer({ firstName: 'Patient Customer' });
    await customer.say('Tell me a long story');
    await senior.tab('All').click();
    await senior.page.locator('.filters summary').click();
    await senior.page.getByLabel('State').selectOption('bot');
    await senior.row(customer.chatId).waitFor();
    await senior.open(customer.chatId);
    await senior.page.locator('.chat-message.bot.streaming', { hasText: 'word12' }).waitFor();
    await senior.button('Take this chat over').click();
    await senior.button('Reply').waitFor();
    await senior.page.locator('.chat-message.bot.streaming').waitFor({ state: 'detached' });
    const answer = (await stored(customer.chatId)).at(-1);
    expect(answer).not.toContain('word2999');
    lab.lab.model.script({ deltas: ['I am the assistant.'] });
  });

  it('hands a chat on, puts it back, gives it back to the assistant, and opens a closed one again', async () => {
    const [senior, bob] = [await operator('senior_operator', 'Sue Senior'), await operator('operator', 'Bob Receiver')];
    const customer = await lab.waiting('Handed Customer');
    await senior.row(customer.chatId).waitFor();
    await senior.open(customer.chatId);
    await senior.take();
    await senior.choose('More actions', 'Hand to another operator');
    await senior.page.getByRole('radio', { name: /Bob Receiver/ }).check();
    await senior.button('Hand over').click();
    await senior.state.getByText('Bob Receiver answers here.', { exact: false }).waitFor();
    await bob.tab('Mine').click();
    await bob.row(customer.chatId).waitFor();
    await bob.open(customer.chatId);
    await senior.choose('More actions', 'Put back into the queue');
    await senior.button('Take this chat').waitFor();
    await bob.button('Take this chat').waitFor();
    await bob.take();
    await bob.choose('More actions', 'Give back to the assistant');
    await senior.button('Take this chat over').waitFor();
    await senior.button('Take this chat over').click();
    await senior.button('Reply').waitFor();
    await senior.page.locator('.chat-header').getByRole('button', { name: 'Close', exact: true }).click();
    await senior.button('Close chat').click();
    await senior.page.locator('.chat-header').getByRole('button', { name: 'Reopen', exact: true }).click();
    await senior.button('Take this chat').waitFor();
    expect((await chatOf(customer.chatId)).status).toBe('waiting');
  });

  it('works by keyboard alone', async () => {
    const customer = await lab.waiting('Keyboard Customer');
    const grace = await operator();
    await grace.row(customer.chatId).waitFor();
    await grace.page.keyboard.press('?');
    await grace.page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
    await grace.page.keyboard.press('Escape');
    await grace.page.getByRole('dialog').waitFor({ state: 'detached' });
    await grace.page.keyboard.press('Control+k');
    await grace.page.keyboard.type('Keyboard Customer');
    await grace.page.waitForFunction(() => document.querySelectorAll('.chat-row').length === 1);
    await grace.page.keyboard.press('Alt+ArrowDown');
    await grace.page.locator('.chat-messages[data-ready=true]').waitFor();
    await grace.page.locator('#search').blur();
    await grace.page.keyboard.press('t');
    await grace.button('Reply').waitFor();
    await grace.page.waitForFunction(() => document.activeElement?.id === 'composer');
    await grace.page.keyboard.type('By keyboard');
    await grace.page.keyboard.press('Enter');
    await grace.said('By keyboard').waitFor();
    await grace.page.keyboard.press('Escape');
    await grace.page.keyboard.press('n');
    // Whoever types on at once types into the note, not shortcuts.
    await grace.page.keyboard.type('noted');
    await grace.page.getByRole('textbox', { name: 'Internal note' }).waitFor();
    await grace.page.keyboard.press('Enter');
    await grace.page.locator('.chat-note', { hasText: 'noted' }).waitFor();
  });

  it('refuses accounts that belong to no operator', async () => {
    const email = 'nobody-at-the-desk@example.com';
    const password = 'correct horse battery';
    await lab.desk.admin.post('/auth/register', { email, password });
    const stranger = met(await lab.visitor());
    await stranger.signIn(email, password);
    await stranger.page.getByText('This account does not belong to an operator.').waitFor();
    // Signed in elsewhere on this server, the desk says what is the matter.
    await stranger.page.evaluate(
      async (credentials) => {
        const response = await fetch('/auth/login', {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(credentials),
        });
        const tokens = (await response.json()) as { expiresIn: number };
        const lifeMs = tokens.expiresIn * 1000;
        localStorage.setItem('parley.tokens', JSON.stringify({ ...tokens, lifeMs, expiresAt: Date.now() + lifeMs }));
      },
      { email, password },
    );
    await stranger.page.reload();
    await stranger.page.getByRole('heading', { name: 'The desk is for operators' }).waitFor();
  });

  it.each([
    ['on a desk', {}],
    ['on a phone', PHONE],
  ])('has names, headings, room and large enough controls %s', async (_where, options) => {
    const customer = await lab.waiting('Everybody');
    const grace = await operator('senior_operator', undefined, options);
    const check = async () => {
      expect(await audit(grace.page)).toEqual([]);
      expect(await overflow(grace.page)).toBe(0);
      expect(await smallTargets(grace.page)).toEqual([]);
    };
    await grace.row(customer.chatId).waitFor();
    if (!('isMobile' in options)) await check();
    await grace.open(customer.chatId);
    await check();
    await grace.take();
    await grace.reply('Hello');
    await grace.said('Hello').waitFor();
    await check();
    await grace.page.evaluate(() => (location.hash = '#/stats'));
    await grace.page.locator('.tiles').waitFor();
    await check();
  });
});
