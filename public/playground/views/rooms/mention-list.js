import { html, useState } from '/vendor/preact.js';
import { candidates, nameBeingTyped } from '../../rooms/text-parts.js';
import { nameOf } from '../../rooms/room-words.js';
import { myId } from '../../rooms/rooms.js';
import { AssistantAvatar, PersonAvatar } from './avatar.js';

const NOTHING = { from: 0, people: [] };

/** Offers the people of a room, and the assistant, while somebody types `@` and the beginning of a name. */
export function useMentions({ field, text, change, participants }) {
  const [{ from, people }, offer] = useState(NOTHING);
  const [at, setAt] = useState(0);
  const isOpen = people.length > 0;
  const active = Math.min(at, people.length - 1);

  const look = () => {
    const { value, selectionStart, selectionEnd } = field.current;
    const name = selectionStart === selectionEnd ? nameBeingTyped(value, selectionStart) : null;
    const others = participants
      .filter(({ userId }) => userId !== myId())
      .map(({ userId, user }) => ({ id: userId, name: nameOf(user), user }));
    const found = name ? candidates(name.words, others) : [];
    if (found.length === 0 && !isOpen) return;
    offer(found.length > 0 ? { from: name.from, people: found } : NOTHING);
    setAt(0);
  };
  const close = () => offer(NOTHING);
  const take = ({ name }) => {
    const rest = text.slice(field.current.selectionStart).replace(/^ /, '');
    const before = `${text.slice(0, from)}@${name} `;
    change(before + rest);
    close();
    field.current.focus();
    requestAnimationFrame(() => field.current?.setSelectionRange(before.length, before.length));
  };
  const onKeyDown = (event) => {
    if (!isOpen) return false;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) setAt((active + step + people.length) % people.length);
    else if ((event.key === 'Enter' && !event.shiftKey) || event.key === 'Tab') take(people[active]);
    else if (event.key === 'Escape') close();
    else return false;
    event.preventDefault();
    return true;
  };
  const props = isOpen
    ? {
        'aria-controls': 'mention-list',
        'aria-activedescendant': `mention-${people[active].id}`,
        'aria-autocomplete': 'list',
      }
    : {};
  const list = html`
    <p class="offscreen" role="status">
      ${isOpen ? `${people.length} people to mention; arrow keys choose, Enter takes` : ''}
    </p>
    ${
      isOpen &&
      html`<ul id="mention-list" class="mention-list" role="listbox" aria-label="People to mention">
        ${people.map(
          (person, index) => html`
            <li
              key=${person.id}
              id=${`mention-${person.id}`}
              role="option"
              aria-selected=${index === active}
              onMouseDown=${(event) => event.preventDefault()}
              onClick=${() => take(person)}
            >
              ${person.user ? html`<${PersonAvatar} person=${person.user} small />` : html`<${AssistantAvatar} small />`}
              <span>${person.name}</span> ${!person.user && html`<small>answers in the room</small>`}
            </li>
          `,
        )}
      </ul>`
    }
  `;
  return { props, list, onKeyDown, look };
}
