import { html, useEffect, useState } from '/vendor/preact.js';
import { Icon } from '../../common/ui/icons.js';

/**
 * A list that is read page by page. `read(cursor)` gives `{items, nextCursor}`; another `version` reads it from the start.
 * `children(item, again)` draws one.
 */
export function PagedList({ read, version, empty, label, children }) {
  const [{ items, next, problem, isBusy }, show] = useState({ items: null, next: null, problem: null, isBusy: true });
  const readOn = (cursor) => {
    show((state) => ({ ...state, isBusy: true }));
    return read(cursor).then(
      (page) =>
        show((state) => ({
          items: cursor ? [...(state.items ?? []), ...page.items] : page.items,
          next: page.nextCursor,
          problem: null,
          isBusy: false,
        })),
      (error) => show((state) => ({ ...state, problem: error, isBusy: false })),
    );
  };
  useEffect(() => void readOn(), [version]);
  return html`
    ${problem && html`<p class="note error" role="alert"><${Icon} name="alert" /><span>${problem.message}</span></p>`}
    ${items === null && isBusy && html`<p class="offscreen" role="status">Loading</p>`}
    ${items?.length === 0 && html`<p class="list-note">${empty}</p>`}
    ${
      items?.length > 0 &&
      html`<ol class="entries" aria-label=${label}>
        ${items.map((item) => children(item, () => readOn()))}
      </ol>`
    }
    ${next && html`<button type="button" class="button ghost small wide" disabled=${isBusy} onClick=${() => readOn(next)}>Show more</button>`}
  `;
}
