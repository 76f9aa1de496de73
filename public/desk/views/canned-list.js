import { html, useState } from '/vendor/preact.js';
import { canned } from '../canned.js';
import { matching, wordBeingTyped } from '../canned-words.js';

const NOTHING = { from: 0, found: [] };

/** Offers canned replies while somebody types `/` and the beginning of a shortcut or title. */
export function useCanned({ field, text, change, isOn }) {
  const [{ from, found }, offer] = useState(NOTHING);
  const [at, setAt] = useState(0);
  const isOpen = isOn && found.length > 0;
  const active = Math.min(at, found.length - 1);

  const look = () => {
    const { value, selectionStart, selectionEnd } = field.current;
    const word = isOn && selectionStart === selectionEnd ? wordBeingTyped(value, selectionStart) : null;
    const next = word ? matching(canned.get().list, word.words) : [];
    if (next.length === 0 && !isOpen) return;
    offer(next.length > 0 ? { from: word.from, found: next } : NOTHING);
    setAt(0);
  };
  const close = () => offer(NOTHING);
  const take = (reply) => {
    const before = text.slice(0, from) + reply.text;
    change(before + text.slice(field.current.selectionStart));
    close();
    field.current.focus();
    requestAnimationFrame(() => field.current?.setSelectionRange(before.length, before.length));
  };
  const onKeyDown = (event) => {
    if (!isOpen) return false;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) setAt((active + step + found.length) % found.length);
    else if ((event.key === 'Enter' && !event.shiftKey) || event.key === 'Tab') take(found[active]);
    else if (event.key === 'Escape') close();
    else return false;
    event.preventDefault();
    return true;
  };
  const props = isOpen
    ? {
        'aria-controls': 'canned-list',
        'aria-activedescendant': `canned-${found[active].id}`,
        'aria-autocomplete': 'list',
      }
    : {};
  const list = html`
    <p class="offscreen" role="status">
      ${isOpen ? `${found.length} canned replies; arrow keys choose, Enter inserts` : ''}
    </p>
    ${
      isOpen &&
      html`<ul id="canned-list" class="canned-list" role="listbox" aria-label="Canned replies">
        ${found.map(
          (reply, index) => html`
            <li
              key=${reply.id}
              id=${`canned-${reply.id}`}
              role="option"
              aria-selected=${index === active}
              onMouseDown=${(event) => event.preventDefault()}
              onClick=${() => take(reply)}
            >
              <span class="canned-title"
                ><bdi>${reply.title}</bdi>
                ${reply.shortcut && html`<kbd>/${reply.shortcut.replace(/^\//, '')}</kbd>`}</span
              >
              <small dir="auto">${reply.text}</small>
            </li>
          `,
        )}
      </ul>`
    }
  `;
  return { props, list, onKeyDown, look };
}
