import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { PageLab, type Visitor } from '../support/browser.js';
import { RoomVisitor } from '../support/room-visitor.js';

interface RoomMessage {
  content: string;
  clientMessageId?: string;
}

describe('rooms on the playground page', () => {
  let lab: PageLab;
  const visitors: Visitor[] = [];

  beforeAll(async () => {
    lab = await PageLab.start();
  });

  afterAll(() => lab.stop());

  afterEach(async () => {
    lab.mendNetwork();
    for (const { page, problems } of visitors.splice(0)) {
      await page.context().close();
      expect(problems).toEqual([]);
    }
  });

  let number = 0;
  /** Somebody with a first name of their own: the people of earlier tests are found, too. */
  async function person(first: string, options: Parameters<PageLab['person']>[0] = {}): Promise<RoomVisitor> {
    const visitor = await lab.person({
      ...options,
      name: `${first} ${'ABCDEFGHIJKLMNOPQRSTUVWXYZ'[number++ % 26]}son`,
    });
    visitors.push(visitor);
    return RoomVisitor.of(visitor);
  }

  /** Two people who look at the same new GROUP. */
  async function together(name = 'Tea'): Promise<[ada: RoomVisitor, bob: RoomVisitor, roomId: string]> {
    const [ada, bob] = [await person('Ada'), await person('Bob')];
    const roomId = await ada.makeRoom({ type: 'GROUP', name, participantIds: [bob.id] });
    await ada.open(roomId);
    await bob.open(roomId);
    return [ada, bob, roomId];
  }

  const stored = (visitor: RoomVisitor, roomId: string) =>
    visitor.api<RoomMessage[]>('GET', `/chat-rooms/${roomId}/messages?limit=100`);

  it('makes a direct room with somebody found by name, once a pair', async () => {
    const [ada, bob] = [await person('Ada'), await person('Bob')];
    await ada.list('Rooms');
    await ada.button('New room').click();
    await ada.page.getByRole('combobox', { name: 'With whom' }).fill(bob.name.slice(0, -2));
    await ada.page.getByRole('option', { name: bob.name }).waitFor();
    await ada.page.getByRole('combobox', { name: 'With whom' }).press('Enter');
    await ada.button('Start talking').click();
    await ada.heading(bob.name).waitFor();
    const roomId = ada.roomId;

    await bob.list('Rooms');
    await bob.row(ada.name).getByRole('link').click();
    await bob.heading(ada.name).waitFor();
    expect(bob.roomId).toBe(roomId);
    await bob.page.locator('.pane-title').getByText('online', { exact: true }).waitFor();

    await bob.button('New room').click();
    await bob.page.getByRole('combobox', { name: 'With whom' }).fill(ada.name);
    await bob.page.getByRole('option', { name: ada.name }).click();
    await bob.button('Start talking').click();
    await bob.page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(bob.roomId).toBe(roomId);
    expect(await bob.page.locator('.room-row').count()).toBe(1);
  });

  it('makes a group by keyboard, adds somebody later, who sees what was said before', async () => {
    const [ada, bob, cyd] = [await person('Ada'), await person('Bob'), await person('Cyd')];
    await cyd.list('Rooms');
    await ada.list('Rooms');
    await ada.button('New room').click();
    await ada.page.getByRole('radio', { name: 'Group' }).check();
    await ada.page.getByLabel('Name of the room').fill('Garden');
    const people = ada.page.getByRole('combobox', { name: 'People' });
    await people.fill(bob.name);
    await ada.page.getByRole('option', { name: bob.name }).waitFor();
    await people.press('Enter');
    await ada.page.getByRole('button', { name: `Take ${bob.name} back` }).waitFor();
    await ada.button('Create the room').click();
    await ada.heading('Garden').waitFor();
    await ada.say('The roses are out');
    await ada.message('The roses are out').waitFor();

    await ada.button('Members').click();
    const members = ada.page.getByRole('complementary', { name: 'Members' });
    await members.getByRole('heading', { name: '2 members' }).waitFor();
    await members.getByRole('button', { name: 'Add people' }).click();
    await ada.page.getByRole('combobox', { name: 'People' }).fill(cyd.name);
    await ada.page.getByRole('option', { name: cyd.name }).click();
    await ada.page.getByRole('dialog').getByRole('button', { name: 'Add', exact: true }).click();
    await members.getByRole('heading', { name: '3 members' }).waitFor();

    await cyd.row('Garden').getByRole('link').click();
    await cyd.message('The roses are out').waitFor();
    expect(await cyd.row('Garden').locator('.count').count()).toBe(0);
  });

  it('carries messages, replies, edits and deletes to the other one at once', async () => {
    const [ada, bob] = await together();
    await ada.say('Scones or cake?');
    await bob.message('Scones or cake?').waitFor();
    await bob.press('Scones or cake?', 'Reply');
    await bob.page.locator('.reply-banner', { hasText: 'Scones or cake?' }).waitFor();
    await bob.say('Cake');
    const reply = ada.page.locator('.room-message.other:has(.quote)');
    await reply.waitFor();
    expect(await reply.locator('.quote').textContent()).toContain('Scones or cake?');
    await reply.locator('.quote').click();
    await ada.page.locator('.room-message.sought.own', { hasText: 'Scones or cake?' }).waitFor();

    await bob.composer.press('ArrowUp');
    const field = bob.page.getByRole('textbox', { name: 'Edit your message' });
    await field.fill('Carrot cake');
    await field.press('Enter');
    await reply.getByText('Carrot cake').waitFor();
    await reply.getByRole('button', { name: 'edited' }).click();
    await ada.page.getByRole('dialog').getByText('Cake', { exact: true }).waitFor();
    await ada.page.keyboard.press('Escape');

    await bob.chooseFor('Carrot cake', 'Delete');
    await bob.page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await ada.page.locator('.room-message.other').getByText('This message was deleted.').waitFor();
    await ada.row('Tea').getByText('You: Scones or cake?').waitFor();
    expect(await ada.page.getByText('Carrot cake').count()).toBe(0);
  });

  it('shows what is unread: in the list, in the title, where it begins, and nowhere once it is read', async () => {
    const [ada, bob, roomId] = await together();
    await ada.say('Seen at once');
    await bob.message('Seen at once').waitFor();
    await bob.goTo('#/rooms');
    await bob.heading('Talk with people').waitFor();
    for (const text of ['One', 'Two', 'Three']) await ada.say(text);
    await bob.row('Tea').getByText('3 unread messages').waitFor({ state: 'attached' });
    await bob.row('Tea').getByText('Ada: Three').waitFor();
    await bob.page.waitForFunction(() => document.title.startsWith('(3) '));
    await bob.page.locator('.list-switch .count').waitFor();

    await bob.open(roomId);
    await bob.page.locator('.new-mark + .room-message', { hasText: 'One' }).waitFor();
    await bob.row('Tea').locator('.count').waitFor({ state: 'detached' });
    await bob.page.waitForFunction(() => document.title === 'Tea – Parley');
    expect((await bob.api<{ unreadCount: number }>('GET', `/chat-rooms/${roomId}`)).unreadCount).toBe(0);
    await bob.say('All read');
    await bob.page.locator('.new-mark').waitFor({ state: 'detached' });
  });

  it('ticks a message: sent, delivered, read, and tells by whom', async () => {
    const [ada, bob] = [await person('Ada'), await person('Bob')];
    const roomId = await ada.makeRoom({ type: 'GROUP', name: 'Ticks', participantIds: [bob.id] });
    await bob.page.close();
    await ada.open(roomId);
    await ada.say('Are you there?');
    const ticks = ada.message('Are you there?').locator('.ticks');
    await ticks.getByText('Sent', { exact: true }).waitFor();
    const device = await lab.otherDeviceOf(bob);
    visitors.push(device);
    const again = await RoomVisitor.of(device);
    await ticks.getByText('Delivered', { exact: true }).waitFor();
    await again.open(roomId);
    await ticks.getByText('Read', { exact: true }).waitFor();
    await ticks.click();
    await ada.page.getByRole('dialog', { name: 'Who has read it' }).getByText(bob.name).waitFor();
  });

  it('tells who is typing, in the room and in the list, until it is sent', async () => {
    const [ada, bob] = await together();
    await bob.composer.pressSequentially('Hm');
    await ada.page.locator('.typing-mark').getByText('Bob is typing…').waitFor();
    await ada.row('Tea').getByText('Bob is typing…').waitFor();
    await bob.say('Hm, yes');
    await ada.message('Hm, yes').waitFor();
    await ada.page.locator('.typing-mark').getByText('Bob is typing…').waitFor({ state: 'hidden' });
    expect(await bob.page.locator('.typing-mark').textContent()).toBe('');
  });

  it('tells who is here and since when somebody is not', async () => {
    const [ada, bob] = await together();
    await ada.button('Members').click();
    const place = ada.page.locator('.member', { hasText: bob.name });
    await place.getByText('online', { exact: true }).waitFor();
    await ada.page.getByText('2 members, 2 online').waitFor();
    await bob.page.context().close();
    await place.getByText(/^last seen /).waitFor();
    await ada.page.getByText('2 members, 1 online').waitFor();
    visitors.splice(
      visitors.findIndex(({ page }) => page === bob.page),
      1,
    );
  });

  it('sends what was written without a connection once it is back, through a reload, nothing doubled and nothing lost', async () => {
    const [ada, bob, roomId] = await together();
    await ada.say('Before the tunnel');
    await bob.message('Before the tunnel').waitFor();
    lab.cutNetwork();
    await ada.page.getByText('Reconnecting…').waitFor();
    await ada.say('In the tunnel 1');
    await ada.say('In the tunnel 2');
    await ada.page.getByText('Waiting for the connection').last().waitFor();
    lab.mendNetwork();
    await ada.page.reload();
    await bob.message('In the tunnel 2').waitFor();
    await ada.page.locator('.room-message.own:not(.unsent)', { hasText: 'In the tunnel 2' }).waitFor();
    await ada.page.locator('.room-message.unsent').waitFor({ state: 'detached' });
    const texts = ['Before the tunnel', 'In the tunnel 1', 'In the tunnel 2'];
    expect((await stored(ada, roomId)).map(({ content }) => content)).toEqual(texts);
    for (const { page } of [ada, bob])
      expect(await page.locator('.room-message .bubble').allTextContents()).toEqual(texts);
  });

  it('shows after a cut all that changed meanwhile, asked for by number', async () => {
    const [ada, bob, roomId] = await together();
    for (const text of ['Stays', 'Changes', 'Goes']) await ada.say(text);
    await bob.message('Goes').waitFor();
    const all = await ada.api<{ id: string; content: string }[]>('GET', `/chat-rooms/${roomId}/messages`);
    const idOf = (text: string) => all.find(({ content }) => content === text)!.id;
    await bob.page.context().setOffline(true);
    // Chromium leaves open sockets alone when it goes offline.
    lab.dropConnections();
    await bob.page.getByText('Reconnecting…').waitFor();
    await ada.api('PATCH', `/messages/${idOf('Changes')}`, { content: 'Changed' });
    await ada.api('DELETE', `/messages/${idOf('Goes')}`);
    await ada.api('PATCH', `/chat-rooms/${roomId}`, { name: 'Coffee' });
    await ada.api('POST', `/chat-rooms/${roomId}/messages`, { content: 'New one' });
    await bob.page.context().setOffline(false);
    await bob.message('New one').waitFor();
    await bob.heading('Coffee').waitFor();
    await bob.page.getByText('This message was deleted.').waitFor();
    expect(await bob.page.locator('.room-message .bubble').allTextContents()).toEqual(['Stays', 'Changed', 'New one']);
  });

  it('reacts to a message and takes it back, for everybody to see', async () => {
    const [ada, bob] = await together();
    await ada.say('Scones are ready');
    await bob.message('Scones are ready').waitFor();
    await bob.press('Scones are ready', 'React');
    await bob.page.getByRole('menuitemcheckbox', { name: 'Party' }).click();
    const shown = ada.message('Scones are ready').getByRole('button', { name: '🎉, 1 reaction', exact: false });
    await shown.waitFor();
    expect(await shown.getAttribute('aria-label')).toContain(bob.name);
    await shown.click();
    const both = bob.message('Scones are ready').getByRole('button', { name: '🎉, 2 reactions' });
    await both.waitFor();
    await both.click();
    await ada
      .message('Scones are ready')
      .getByRole('button', { name: /1 reaction: you/ })
      .waitFor();
  });

  it('completes names after @, marks them, and offers the assistant', async () => {
    const [ada, bob] = await together();
    await ada.composer.pressSequentially('@');
    const offered = ada.page.getByRole('listbox', { name: 'People to mention' });
    await offered.getByRole('option', { name: 'assistant' }).waitFor();
    await ada.composer.pressSequentially('bo');
    await offered.getByRole('option', { name: 'assistant' }).waitFor({ state: 'detached' });
    await ada.composer.press('Tab');
    expect(await ada.composer.inputValue()).toBe(`@${bob.name} `);
    await ada.composer.pressSequentially('look!');
    await ada.composer.press('Enter');
    await bob.page.locator('.room-message.names-me .mention.me', { hasText: `@${bob.name}` }).waitFor();
    expect(await ada.message('look!').locator('.mention.me').count()).toBe(0);
  });

  it('shows everybody the answer of the assistant while it grows, and lets the asker stop it', async () => {
    const words = Array.from({ length: 400 }, (_, index) => `word${index} `);
    lab.model.script({ deltas: words, everyMs: 25 }, { deltas: ['A **short** one'] });
    const [ada, bob] = await together();
    await bob.say('@assistant count, please');
    for (const { page } of [ada, bob]) await page.locator('.assistant.streaming', { hasText: 'word3' }).waitFor();
    await bob.button('Stop the answer').click();
    for (const { page } of [ada, bob]) {
      const answer = page.locator('.room-message.assistant.stopped');
      await answer.getByText('Stopped', { exact: true }).waitFor();
      expect(await answer.locator('.prose').textContent()).toContain('word3');
      expect(await answer.locator('.quote').textContent()).toContain('@assistant count, please');
    }
    await ada.say('@assistant and shorter');
    await bob.page.locator('.room-message.assistant.complete .prose strong', { hasText: 'short' }).waitFor();
    expect(await ada.page.locator('.room-message.assistant').count()).toBe(2);
    await bob.row('Tea').getByText('Assistant: A **short** one').waitFor();
  });

  it('renames, archives, removes and lets people leave, wherever they look', async () => {
    const [ada, bob, roomId] = await together();
    await ada.choose('Actions for this room', 'Rename');
    await ada.page.getByLabel('Name', { exact: true }).fill('Coffee');
    await ada.page.keyboard.press('Enter');
    await bob.heading('Coffee').waitFor();
    await bob.button('Actions for this room').click();
    expect(await bob.page.getByRole('menuitem').allTextContents()).toEqual(['Leave']);
    await bob.page.keyboard.press('Escape');

    await ada.choose('Actions for this room', 'Archive');
    await bob.page.locator('.badge', { hasText: 'Archived' }).waitFor();
    await bob.page.getByRole('region', { name: 'Archived rooms' }).waitFor();
    await ada.choose('Actions for this room', 'Take out of the archive');
    await bob.page.getByRole('region', { name: 'Archived rooms' }).waitFor({ state: 'detached' });

    await ada.button('Members').click();
    await ada.choose(`Actions for ${bob.name}`, 'Remove from the room');
    await ada.page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
    await bob.page.getByText('You are not in this room').waitFor();
    await ada.page.getByRole('heading', { name: '1 member', exact: true }).waitFor();
    await ada.say('Between me and me');
    await bob.row('Coffee').waitFor({ state: 'detached' });
    expect(await bob.api('GET', `/chat-rooms/${roomId}`)).toMatchObject({ code: 'CHAT_ROOM_NOT_FOUND' });
  });

  it('hands a room over when its owner leaves', async () => {
    const [ada, bob] = await together();
    await ada.choose('Actions for this room', 'Leave');
    const dialog = ada.page.getByRole('dialog');
    await dialog.getByText(`${bob.name} becomes its owner`).waitFor();
    await dialog.getByRole('button', { name: 'Leave' }).click();
    await ada.heading('Talk with people').waitFor();
    await ada.row('Tea').waitFor({ state: 'detached' });
    await bob.button('Members').click();
    await bob.page.locator('.member', { hasText: bob.name }).getByText('Owner', { exact: true }).waitFor();
  });

  it('gives roles and hands the room over to somebody who stays', async () => {
    const [ada, bob] = await together();
    const place = (who: { name: string }) => ada.page.locator('.member', { hasText: who.name });
    await ada.button('Members').click();
    await ada.choose(`Actions for ${bob.name}`, 'Make an admin');
    await place(bob).getByText('Admin', { exact: true }).waitFor();
    await ada.choose(`Actions for ${bob.name}`, 'Make the owner');
    await ada.page.getByRole('dialog').getByRole('button', { name: 'Hand over' }).click();
    await place(bob).getByText('Owner', { exact: true }).waitFor();
    await place(ada).getByText('Admin', { exact: true }).waitFor();
    await bob.button('Members').click();
    await bob.page.locator('.member', { hasText: bob.name }).getByText('Owner', { exact: true }).waitFor();
  });

  it('draws what people write as text, with addresses as links', async () => {
    const [ada, bob] = await together();
    await ada.say('<img src=x onerror="alert(1)"> javascript:alert(1) https://example.com/a?b=c. Bye');
    const bubble = bob.page.locator('.room-message .bubble');
    await bubble.getByRole('link').waitFor();
    expect(await bubble.locator('img, script').count()).toBe(0);
    expect(await bubble.textContent()).toContain('<img src=x onerror="alert(1)"> javascript:alert(1) ');
    const links = await bubble
      .getByRole('link')
      .evaluateAll((all) => all.map((link) => (link as HTMLAnchorElement).href));
    expect(links).toEqual(['https://example.com/a?b=c']);
  });

  it('finds messages of rooms and leads to them', async () => {
    const [ada, bob, roomId] = await together();
    await ada.say('Jasmine blossoms');
    await bob.message('Jasmine blossoms').waitFor();
    await bob.goTo('#/rooms');
    await bob.page.getByRole('searchbox', { name: 'Search chats and messages' }).fill('jasmine');
    await bob.page.locator('.message-hit', { hasText: 'Tea' }).getByRole('link').click();
    await bob.page.locator('.room-message.sought', { hasText: 'Jasmine blossoms' }).waitFor();
    expect(bob.roomId).toBe(roomId);
  });
});
