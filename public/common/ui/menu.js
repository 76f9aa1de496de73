import { html, useLayoutEffect, useRef, useState } from '/vendor/preact.js';
import { Icon } from './icons.js';

/**
 * A button that opens a list of actions: `items` are `{label, icon | glyph, run, danger?, checked?}` or null for a line between.
 * Arrow keys, Home, End and the first letter move; Escape and Tab close.
 */
export function Menu({ label, trigger, items, icon = 'more', tabindex, class: extra = '', align = 'end' }) {
  const [isOpen, setOpen] = useState(false);
  const [place, setPlace] = useState({});
  const root = useRef(null);
  const list = useRef(null);
  const entries = () => [...list.current.querySelectorAll('[role^=menuitem]')];

  useLayoutEffect(() => {
    if (!isOpen) return undefined;
    // The top layer: neither a scrolling list nor the drawer can cut the menu off.
    list.current.showPopover();
    setPlace(placeBeside(root.current.getBoundingClientRect(), list.current, align));
    entries()[0]?.focus();
    const closeOutside = (event) => !root.current.contains(event.target) && setOpen(false);
    const closeNow = () => setOpen(false);
    addEventListener('pointerdown', closeOutside);
    addEventListener('resize', closeNow);
    return () => {
      removeEventListener('pointerdown', closeOutside);
      removeEventListener('resize', closeNow);
    };
  }, [isOpen]);

  const close = () => {
    setOpen(false);
    root.current.querySelector('button').focus();
  };
  const onKeyDown = (event) => {
    if (!isOpen) return;
    const all = entries();
    const at = all.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowRight: at + 1, ArrowUp: at - 1, ArrowLeft: at - 1, Home: 0, End: -1 }[
      event.key
    ];
    if (to !== undefined) all.at(to % all.length)?.focus();
    else if (event.key === 'Escape') close();
    else if (event.key === 'Tab') return setOpen(false);
    else if (/^\S$/.test(event.key))
      all.find((item) => item.textContent.trim().toLowerCase().startsWith(event.key.toLowerCase()))?.focus();
    else return;
    if (event.key.length > 1) event.preventDefault();
    event.stopPropagation();
  };
  const run = (action) => {
    close();
    action();
  };

  return html`
    <div class=${`menu-root ${extra}`} ref=${root} onKeyDown=${onKeyDown}>
      <button
        type="button"
        class=${trigger ? 'menu-trigger' : 'icon-button'}
        aria-label=${label}
        title=${label}
        tabindex=${tabindex}
        aria-haspopup="menu"
        aria-expanded=${isOpen}
        onClick=${() => setOpen(!isOpen)}
      >
        ${trigger ?? html`<${Icon} name=${icon} />`}
      </button>
      ${
        isOpen &&
        html`
          <div class="menu" popover="manual" role="menu" aria-label=${label} ref=${list} style=${place}>
            ${items.map((item, index) => (item ? drawItem(item, run) : html`<hr key=${index} role="separator" />`))}
          </div>
        `
      }
    </div>
  `;
}

function placeBeside(box, { offsetWidth, offsetHeight }, align) {
  const gap = 4;
  const left = align === 'end' ? box.right - offsetWidth : box.left;
  const isRoomBelow = box.bottom + gap + offsetHeight < innerHeight;
  const top = isRoomBelow ? box.bottom + gap : Math.max(gap, box.top - gap - offsetHeight);
  return { left: `${Math.max(gap * 2, Math.min(left, innerWidth - offsetWidth - gap * 2))}px`, top: `${top}px` };
}

function drawItem({ label, icon, glyph, run: action, danger, checked }, run) {
  const role = checked === undefined ? 'menuitem' : glyph ? 'menuitemcheckbox' : 'menuitemradio';
  return html`
    <button
      key=${label}
      type="button"
      role=${role}
      aria-checked=${checked}
      tabindex="-1"
      class=${danger ? 'danger' : ''}
      title=${glyph && label}
      onClick=${() => run(action)}
    >
      ${glyph ? html`<i aria-hidden="true">${glyph}</i>` : html`<${Icon} name=${icon} />`}
      <span class=${glyph ? 'offscreen' : ''}>${label}</span>
      ${checked && !glyph && html`<${Icon} name="check" />`}
    </button>
  `;
}
