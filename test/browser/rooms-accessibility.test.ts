import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { PageLab, type Visitor } from '../support/browser.js';
import { audit, overflow, smallTargets } from '../support/page-audit.js';
import { RoomVisitor } from '../support/room-visitor.js';

const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

describe('the rooms of the playground page for everybody', () => {
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

  async function person(name: string, options: Parameters<PageLab['person']>[0] = {}): Promise<RoomVisitor> {
    const visitor = await lab.person({ ...options, name });
    visitors.push(visitor);
    return RoomVisitor.of(visitor);
  }

  /** A GROUP of the two in which something of everything was said. */
  async function talk(ada: RoomVisitor, bob: RoomVisitor): Promise<string> {
    const roomId = await ada.makeRoom({ type: 'GROUP', name: 'Tea', participantIds: [bob.id] });
    const say = (who: RoomVisitor, fields: object) =>
      who.api<{ id: string }>('POST', `/chat-rooms/${roomId}/messages`, fields);
    const first = await say(ada, { content: 'Scones?' });
    await say(bob, { content: 'Yes https://example.com/scones', replyToId: first.id });
    const third = await say(bob, { content: `@${ada.name} and jam` });
    const gone = await say(ada, { content: 'Never mind' });
    await ada.api('DELETE', `/messages/${gone.id}`);
    await ada.api('POST', `/messages/${third.id}/reactions/${encodeURIComponent('🎉')}`);
    return roomId;
  }

  it('names every control, marks every region and orders its headings, in every view of rooms', async () => {
    const [ada, bob] = [await person('Ada Quill'), await person('Bob Quill')];
    await ada.list('Rooms');
    expect(await audit(ada.page)).toEqual([]);
    await ada.goTo('#/rooms');
    await ada.heading('Talk with people').waitFor();
    expect(await audit(ada.page)).toEqual([]);
    await ada.button('New room').click();
    await ada.page.getByRole('combobox', { name: 'With whom' }).fill('Bob Quill');
    await ada.page.getByRole('option', { name: 'Bob Quill' }).waitFor();
    expect(await audit(ada.page)).toEqual([]);
    await ada.page.keyboard.press('Escape');
    await ada.button('Cancel').click();

    await ada.open(await talk(ada, bob));
    await ada.message('and jam').waitFor();
    await ada.button('Members').click();
    await ada.composer.pressSequentially('@');
    await ada.page.getByRole('listbox', { name: 'People to mention' }).waitFor();
    expect(await audit(ada.page)).toEqual([]);
    await ada.composer.press('Escape');
    await ada.press('Scones?', 'React');
    expect(await audit(ada.page)).toEqual([]);
    await ada.page.keyboard.press('Escape');
    await ada.page.locator('.ticks').first().click();
    await ada.page.getByRole('dialog', { name: 'Who has read it' }).waitFor();
    expect(await audit(ada.page)).toEqual([]);
  });

  it('works with the keyboard alone: list, room, messages, what can be done with one, answer', async () => {
    const [ada, bob] = [await person('Ada Reed'), await person('Bob Reed')];
    const roomId = await talk(ada, bob);
    const { page } = ada;
    const press = async (...keys: string[]) => {
      for (const key of keys) await page.keyboard.press(key);
    };
    await ada.list('Rooms');
    await ada.row('Tea').getByRole('link').focus();
    await press('Enter');
    await ada.heading('Tea').waitFor();
    await page.locator('#composer:focus').waitFor();
    expect(ada.roomId).toBe(roomId);
    await ada.message('and jam').waitFor();

    // One Tab stop for the messages: the newest one, and Tab goes on to what can be done with it.
    const focused = (selector: string) => page.locator(`${selector}:focus`);
    for (let presses = 0; presses < 12 && (await focused('.room-message').count()) === 0; presses++)
      await press('Shift+Tab');
    await focused('.room-message').waitFor();
    await press('Home');
    await page.locator('.room-message:focus', { hasText: 'Scones?' }).first().waitFor();
    await press('ArrowDown', 'ArrowDown');
    await page.locator('.room-message:focus', { hasText: 'and jam' }).waitFor();
    await press('Tab');
    await page.getByRole('button', { name: 'React' }).and(page.locator(':focus')).waitFor();
    await press('Enter');
    await page.locator('[role=menuitemcheckbox]:focus').waitFor();
    await press('ArrowRight', 'Enter');
    await ada
      .message('and jam')
      .getByRole('button', { name: /1 reaction: you/ })
      .last()
      .waitFor();
    await press('Tab');
    await page.getByRole('button', { name: 'Reply' }).and(page.locator(':focus')).waitFor();
    await press('Enter');
    await page.locator('#composer:focus').waitFor();
    await page.locator('.reply-banner', { hasText: 'and jam' }).waitFor();
    await press('Escape');
    await page.locator('.reply-banner').waitFor({ state: 'detached' });
    await page.locator('#composer:focus').waitFor();
  });

  it('reads to a screen reader what others say, once', async () => {
    const [ada, bob] = [await person('Ada Sand'), await person('Bob Sand')];
    await ada.open(await talk(ada, bob));
    await ada.page.evaluate(() => {
      const said: string[] = [];
      Object.assign(window, { said });
      const region = document.querySelector('[aria-live=polite][aria-atomic=true]')!;
      const options = { childList: true, characterData: true, subtree: true };
      new MutationObserver(() => said.push(region.textContent ?? '')).observe(region, options);
    });
    await ada.say('My own words');
    await ada.message('My own words').waitFor();
    await bob.api('POST', `/chat-rooms/${ada.roomId}/messages`, { content: 'Heard you' });
    await ada.message('Heard you').waitFor();
    await ada.page.waitForFunction(() => (window as unknown as { said: string[] }).said.length > 0);
    expect(await ada.page.evaluate(() => (window as unknown as { said: string[] }).said)).toEqual(['Bob: Heard you']);
  });

  it('fits a phone: nothing sticks out, a tap shows what can be done, targets are large enough', async () => {
    const [ada, bob] = [await person('Ada Tarn', PHONE), await person('Bob Tarn')];
    const roomId = await talk(ada, bob);
    await bob.api('POST', `/chat-rooms/${roomId}/messages`, { content: 'A_very_long_word_'.repeat(20) });
    await ada.button('Open the list of chats').tap();
    await ada.page.getByRole('group', { name: 'Which list' }).getByRole('button', { name: 'Rooms' }).tap();
    await ada.row('Tea').waitFor();
    expect(await smallTargets(ada.page)).toEqual([]);
    await ada.row('Tea').getByRole('link').tap();
    await ada.message('A_very_long_word_').waitFor();
    await ada.page.getByRole('complementary', { name: 'Chats' }).waitFor({ state: 'hidden' });
    expect(await overflow(ada.page)).toBe(0);
    expect(await smallTargets(ada.page)).toEqual([]);
    await ada.page.locator('.bubble', { hasText: 'and jam' }).tap();
    await ada.message('and jam').getByRole('button', { name: 'Reply', exact: true }).tap();
    await ada.page.locator('.reply-banner', { hasText: 'and jam' }).waitFor();
    expect(await overflow(ada.page)).toBe(0);
    await ada.button('Members').tap();
    await ada.page.getByRole('complementary', { name: 'Members' }).waitFor();
    expect(await overflow(ada.page)).toBe(0);
    expect(await smallTargets(ada.page)).toEqual([]);
    await ada.page.keyboard.press('Escape');
    await ada.page.getByRole('complementary', { name: 'Members' }).waitFor({ state: 'detached' });
    await ada.button('Members').and(ada.page.locator(':focus')).waitFor();
  });

  it.each(['light', 'dark'] as const)(
    'keeps enough contrast where rooms have colours of their own (%s)',
    async (colorScheme) => {
      const [ada, bob] = [await person('Ada Umber', { colorScheme }), await person('Bob Umber')];
      await ada.open(await talk(ada, bob));
      await ada.message('and jam').waitFor();
      const weak = await ada.page.evaluate(() => {
        const pixel = document.createElement('canvas').getContext('2d', { willReadFrequently: true })!;
        const luminance = (colour: string) => {
          pixel.clearRect(0, 0, 1, 1);
          pixel.fillStyle = colour;
          pixel.fillRect(0, 0, 1, 1);
          const [red, green, blue] = [...pixel.getImageData(0, 0, 1, 1).data].map((value) => {
            const share = value / 255;
            return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
          }) as [number, number, number];
          return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
        };
        const groundOf = (element: Element | null): string => {
          const colour = element ? getComputedStyle(element).backgroundColor : 'white';
          return !element || !/, 0\)$|transparent/.test(colour) ? colour : groundOf(element.parentElement);
        };
        const shown = [
          '.face',
          '.bubble',
          '.mention',
          '.count',
          '.badge',
          '.room-last',
          '.quote span',
          '.day h2',
          '.ticks',
          '.list-switch button',
          '.bubble a',
          '.reactions b',
        ];
        return shown.flatMap((selector) =>
          [...document.querySelectorAll(selector)].flatMap((element) => {
            const [light, dark] = [luminance(getComputedStyle(element).color), luminance(groundOf(element))].sort(
              (a, b) => b - a,
            ) as [number, number];
            const ratio = (light + 0.05) / (dark + 0.05);
            return ratio < 4.5 ? [`${selector} ${element.textContent} ${ratio.toFixed(2)}`] : [];
          }),
        );
      });
      expect(weak).toEqual([]);
    },
  );
});
