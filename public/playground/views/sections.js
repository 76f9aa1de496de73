import { html, useState } from '/vendor/preact.js';
import { plural } from '../../common/format.js';
import { load, save } from '../../common/storage.js';
import { Icon } from '../../common/ui/icons.js';
import { Menu } from '../../common/ui/menu.js';

/** A part of the sidebar that folds; the browser remembers how it was left. `draw` makes the row of an item. */
export function Section({ title, icon, items, name, actions, empty, draw, what = 'chat', isClosedAtFirst = false }) {
  const key = `parley.closed.${name}`;
  const [isOpen, setOpen] = useState(() => !load(key, isClosedAtFirst));
  const toggle = () => {
    save(key, isOpen === isClosedAtFirst ? null : isOpen);
    setOpen(!isOpen);
  };
  return html`
    <section class="section" aria-label=${title}>
      <div class="section-head">
        <h2>
          <button type="button" aria-expanded=${isOpen} onClick=${toggle}>
            <${Icon} name="chevron" />${icon && html`<${Icon} name=${icon} />`}<span>${title}</span>
            <small aria-label=${plural(items.length, what)}>${items.length || ''}</small>
          </button>
        </h2>
        ${actions && html`<${Menu} label=${`Actions for group ${title}`} items=${actions} />`}
      </div>
      ${isOpen && items.length === 0 && html`<p class="list-note">${empty}</p>`}
      ${
        isOpen &&
        html`<ul>
          ${items.map(draw)}
        </ul>`
      }
    </section>
  `;
}

export function Skeleton({ what = 'chats' }) {
  return html`
    <div class="skeleton" aria-hidden="true">
      ${[70, 85, 55, 78, 62].map((width) => html`<i style=${{ width: `${width}%` }}></i>`)}
    </div>
    <p class="offscreen" role="status">Loading ${what}</p>
  `;
}
