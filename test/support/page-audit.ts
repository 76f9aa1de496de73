/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import type { Page } from 'playwright-core';

/** WCAG 2.2, 2.5.8 (px). */
const TARGET_PX = 24;

/** Problems of names, ids, headings and landmarks in what is shown now. */
export async function audit(page: Page): Promise<string[]> {
  const problems = await page.evaluate(() => {
    const isShown = (element: Element) => element.checkVisibility() && !element.closest('[inert], [aria-hidden=true]');
    const found: string[] = [];
    const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id);
    for (const id of ids.filter((one, index) => ids.indexOf(one) !== index)) found.push(`the id ${id} is there twice`);
    for (const attribute of ['aria-labelledby', 'aria-describedby', 'for'])
      for (const element of document.querySelectorAll(`[${attribute}]`))
        for (const id of element.getAttribute(attribute)!.split(' '))
          if (!document.getElementById(id)) found.push(`${attribute} leads to ${id}, which is not there`);
    const levels = [...document.querySelectorAll('h1, h2, h3, h4, h5, h6')]
      .filter(isShown)
      .map(({ tagName }) => +tagName[1]!);
    if (levels.filter((level) => level === 1).length !== 1)
      found.push(`there are ${levels.filter((level) => level === 1).length} h1`);
    if ([...document.querySelectorAll('main')].filter(isShown).length !== 1) found.push('there is not one main');
    if (!document.documentElement.lang) found.push('the language is not told');
    for (const image of document.querySelectorAll('svg'))
      if (image.getAttribute('aria-hidden') !== 'true') found.push('a drawing is not hidden');
    for (const element of document.querySelectorAll('[tabindex]'))
      if (Number(element.getAttribute('tabindex')) > 0) found.push('a positive tabindex');
    return found;
  });
  const roles = [
    'button',
    'link',
    'textbox',
    'searchbox',
    'combobox',
    'checkbox',
    'radio',
    'menuitem',
    'dialog',
    'navigation',
  ] as const;
  for (const role of roles) {
    // In one question: the page may draw between two.
    const nameless = await page.getByRole(role, { name: /^\s*$/ }).count();
    if (nameless > 0) problems.push(`${nameless} ${role} without a name`);
  }
  return problems;
}

/** By how many pixels the page is wider than the screen. */
export const overflow = (page: Page): Promise<number> =>
  page.evaluate(() => Math.max(0, document.documentElement.scrollWidth - innerWidth));

/** Controls that are too small to hit. */
export async function smallTargets(page: Page): Promise<string[]> {
  return page.evaluate(
    (least) =>
      [...document.querySelectorAll<HTMLElement>('a, button, input, select, summary')]
        .filter(
          (element) =>
            element.checkVisibility() && !element.closest('[inert], .prose, p, .bubble > a, .offscreen, .skip-link'),
        )
        .filter(
          (element) => getComputedStyle(element).position !== 'absolute' && !element.classList.contains('skip-link'),
        )
        .map((element) => ({ element, box: element.getBoundingClientRect() }))
        .filter(({ box }) => box.width > 0 && (box.width < least || box.height < least))
        .map(({ element, box }) => `${element.outerHTML.slice(0, 80)} ${box.width}×${box.height}`),
    TARGET_PX,
  );
}
