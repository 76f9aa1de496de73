import { html } from '/vendor/preact.js';
import { safeAddress } from '../../common/markdown.js';

const ADDRESS = /https?:\/\/[^\s<>"'`]{1,2000}/g;

/** What a person wrote: text with its addresses as links. Never HTML. */
export function PlainText({ text }) {
  const parts = [];
  let from = 0;
  for (const found of text.matchAll(ADDRESS)) {
    const address = found[0].replace(/[.,;:!?)\]*_]+$/, '');
    const href = safeAddress(address);
    if (!href) continue;
    parts.push(text.slice(from, found.index));
    parts.push(html`<a href=${href} target="_blank" rel="noopener noreferrer nofollow">${address}</a>`);
    from = found.index + address.length;
  }
  return [...parts, text.slice(from)];
}
