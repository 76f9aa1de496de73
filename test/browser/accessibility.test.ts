import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { PageLab, type Visitor } from '../support/browser.js';
import { audit, overflow, smallTargets } from '../support/page-audit.js';

const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
/** WCAG 2.2: text 1.4.3, parts of controls 1.4.11. */
const TEXT_CONTRAST = 4.5;
const CONTROL_CONTRAST = 3;

const TEXT_COLOURS = ['--ink', '--ink-soft', '--ink-faint', '--accent', '--danger', '--warn', '--good'];
const GROUNDS = ['--ground', '--ground-side', '--ground-raised', '--ground-code', '--accent-soft'];
const PAIRS: readonly (readonly [text: string, ground: string, least: number])[] = [
  ...TEXT_COLOURS.flatMap((text) => GROUNDS.map((ground) => [text, ground, TEXT_CONTRAST] as const)),
  ['--ink', '--ground-hover', TEXT_CONTRAST],
  ['--ink-soft', '--ground-hover', TEXT_CONTRAST],
  ['--ink-faint', '--ground-hover', TEXT_CONTRAST],
  ['--danger', '--danger-soft', TEXT_CONTRAST],
  ['--on-accent', '--accent', TEXT_CONTRAST],
  ['--on-accent', '--accent-hover', TEXT_CONTRAST],
  ['--on-danger', '--danger', TEXT_CONTRAST],
  ['--line-control', '--ground', CONTROL_CONTRAST],
  ['--line-control', '--ground-side', CONTROL_CONTRAST],
  ['--line-control', '--ground-raised', CONTROL_CONTRAST],
];

describe('the playground page for everybody', () => {
  let lab: PageLab;
  const visitors: Visitor[] = [];

  beforeAll(async () => {
    lab = await PageLab.start();
    lab.model.script({ deltas: ['An answer with `code`.\n\n```js\nlet a = 1;\n```'] });
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

  it.each(['light', 'dark'] as const)('has enough contrast in the %s theme', async (colorScheme) => {
    const { page } = met(await lab.visitor({ colorScheme }));
    const colours = await coloursOf(page, [...new Set(PAIRS.flatMap(([text, ground]) => [text, ground]))]);
    const weak = PAIRS.map(([text, ground, least]) => ({
      pair: `${text} on ${ground}`,
      ratio: contrast(colours[text]!, colours[ground]!),
      least,
    })).filter(({ ratio, least }) => ratio < least);
    expect(weak).toEqual([]);
  });

  it('follows the choice of a theme over reloads, before the page is drawn', async () => {
    const ada = met(await lab.person({ colorScheme: 'light' }));
    const ground = () => ada.page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const light = await ground();
    await ada.page.getByRole('button', { name: /Account of/ }).click();
    await ada.page.getByRole('menuitemradio', { name: 'Dark theme' }).click();
    const dark = await ground();
    expect(dark).not.toBe(light);
    await ada.page.reload({ waitUntil: 'commit' });
    await ada.page.locator('html[data-theme=dark]').waitFor();
    expect(await ground()).toBe(dark);
  });

  it('names every control, marks every region and orders its headings, in every view', async () => {
    const ada = met(await lab.visitor());
    await ada.page.getByRole('button', { name: 'Create an account' }).waitFor();
    expect(await audit(ada.page)).toEqual([]);
    await ada.signUp();
    expect(await audit(ada.page)).toEqual([]);
    await ada.say('Hello');
    await ada.answered();
    await ada.page.getByRole('button', { name: 'Developer panel' }).click();
    await ada.page.locator('.event button').first().click();
    expect(await audit(ada.page)).toEqual([]);
    await ada.page.getByRole('button', { name: 'Actions for this chat' }).click();
    expect(await audit(ada.page)).toEqual([]);
    await ada.page.getByRole('menuitem', { name: 'Rename' }).click();
    expect(await audit(ada.page)).toEqual([]);
  });

  it('tells a screen reader the finished answer once, and nothing while it grows', async () => {
    const ada = met(await lab.person());
    await ada.page.evaluate(() => {
      const said: string[] = [];
      Object.assign(window, { said });
      const region = document.querySelector('[aria-live=polite][aria-atomic=true]')!;
      new MutationObserver(() => said.push(region.textContent ?? '')).observe(region, {
        childList: true,
        characterData: true,
        subtree: true,
      });
    });
    await ada.say('Say it once');
    await ada.answered();
    const said = () => ada.page.evaluate(() => (window as unknown as { said: string[] }).said);
    await ada.page.waitForFunction(() => (window as unknown as { said: string[] }).said.length > 0);
    expect(await said()).toEqual([expect.stringContaining('Assistant: An answer with `code`.')]);
    expect(await ada.page.locator('.messages [aria-live], .messages[aria-live], [role=log]').count()).toBe(0);
  });

  it('works with the keyboard alone: sign up, ask, menu, dialog, help, sign out', async () => {
    const ada = met(await lab.visitor());
    const { page } = ada;
    const press = async (...keys: string[]) => {
      for (const key of keys) await page.keyboard.press(key);
    };
    const tabTo = async (name: string | RegExp) => {
      const target = page.getByRole('button', { name }).and(page.locator(':focus'));
      for (let presses = 0; presses < 60 && (await target.count()) === 0; presses++) await press('Tab');
      expect(await target.count()).toBe(1);
    };
    await page.locator('#email:focus').waitFor();
    await tabTo('Create an account');
    await press('Enter');
    await page.locator('#name:focus').waitFor();
    await page.keyboard.type('Ada Byron');
    await press('Tab');
    await page.keyboard.type(ada.email);
    await press('Tab');
    await page.keyboard.type(ada.password);
    await press('Enter');
    await ada.greeting.waitFor();
    await page.locator('#composer:focus').waitFor();
    await page.keyboard.type('Hello');
    await press('Enter');
    await ada.answered();
    await page.locator('#composer:focus').waitFor();

    await tabTo('Actions for this chat');
    await press('Enter');
    await page.locator('[role=menuitem]:focus', { hasText: 'Rename' }).waitFor();
    await press('ArrowUp');
    await page.locator('[role=menuitem]:focus', { hasText: 'Delete' }).waitFor();
    await press('Escape');
    await page.getByRole('button', { name: 'Actions for this chat' }).and(page.locator(':focus')).waitFor();

    await press('?');
    const help = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
    await help.waitFor();
    await press('Escape');
    await help.waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Actions for this chat' }).and(page.locator(':focus')).waitFor();

    await press('Control+Shift+O');
    await ada.greeting.waitFor();
    await press('Alt+ArrowDown');
    await page.getByRole('heading', { name: 'Hello', level: 1 }).waitFor();
    await tabTo(/Account of/);
    await press('Enter', 'S', 'Enter');
    await page.locator('html:not([data-theme])').waitFor();
    await press('Enter', 'End', 'ArrowUp', 'Enter');
    await page.getByRole('heading', { name: 'Welcome back' }).waitFor();
  });

  it('lets single-key shortcuts be switched off', async () => {
    const ada = met(await lab.person());
    const help = ada.page.getByRole('dialog', { name: 'Keyboard shortcuts' });
    await ada.page.locator('#main').focus();
    await ada.page.keyboard.press('?');
    await help.getByRole('checkbox', { name: 'Use these shortcuts' }).uncheck();
    await ada.page.keyboard.press('Escape');
    await ada.page.locator('#main').focus();
    await ada.page.keyboard.press('?');
    expect(await help.count()).toBe(0);
  });

  it('fits a phone: nothing sticks out, the list is a drawer, targets are large enough', async () => {
    const ada = met(await lab.person(PHONE));
    await ada.say('A_very_long_word_'.repeat(20));
    await ada.answered();
    expect(await overflow(ada.page)).toBe(0);
    const sidebar = ada.page.getByRole('complementary', { name: 'Chats' });
    expect(await sidebar.isVisible()).toBe(false);
    await ada.page.getByRole('button', { name: 'Open the list of chats' }).tap();
    await sidebar.waitFor();
    await ada.page.locator('.sidebar :focus').waitFor();
    expect(await ada.page.locator('#main').evaluate((main: HTMLElement) => main.inert)).toBe(true);
    expect(await smallTargets(ada.page)).toEqual([]);
    await ada.page.keyboard.press('Escape');
    await sidebar.waitFor({ state: 'hidden' });
    await ada.page.getByRole('button', { name: 'Open the list of chats' }).and(ada.page.locator(':focus')).waitFor();
    expect(await smallTargets(ada.page)).toEqual([]);
    await ada.page.getByRole('button', { name: 'Developer panel' }).tap();
    expect(await overflow(ada.page)).toBe(0);
  });

  it('keeps still for those who ask for less motion', async () => {
    const ada = met(await lab.person({ reducedMotion: 'reduce' }));
    const moving = await ada.page.evaluate(
      () =>
        [...document.querySelectorAll('*')].filter((element) => {
          const { animationDuration, transitionDuration } = getComputedStyle(element);
          return [animationDuration, transitionDuration].some((list) =>
            list.split(',').some((time) => parseFloat(time) > 0),
          );
        }).length,
    );
    expect(moving).toBe(0);
  });

  it('runs under a policy that allows no inline script or style, and never asks for one', async () => {
    const response = await fetch(lab.app.url);
    const policy = response.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("script-src 'self';");
    expect(policy).toContain("style-src 'self';");
    expect(policy).not.toContain('unsafe');
    expect(await response.text()).not.toMatch(/<style|style=|<script(?![^>]*src=)|\son\w+=/);
  });
});

/** The tokens as the browser draws them, as red, green and blue of 0…255. */
async function coloursOf(page: Page, tokens: string[]): Promise<Record<string, number[]>> {
  return page.evaluate((names) => {
    const pixel = document.createElement('canvas').getContext('2d', { willReadFrequently: true })!;
    return Object.fromEntries(
      names.map((name) => {
        const probe = document.body.appendChild(document.createElement('i'));
        probe.style.color = `var(${name})`;
        pixel.fillStyle = getComputedStyle(probe).color;
        probe.remove();
        pixel.fillRect(0, 0, 1, 1);
        return [name, [...pixel.getImageData(0, 0, 1, 1).data.slice(0, 3)]];
      }),
    );
  }, tokens);
}

function contrast(one: number[], other: number[]): number {
  const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

/** Relative luminance as WCAG defines it. */
function luminance(colour: number[]): number {
  const [red, green, blue] = colour.map((value) => {
    const share = value / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
