import { html, useEffect, useRef, useState } from '/vendor/preact.js';
import { Icon, IconButton } from '../../../common/ui/icons.js';
import { nameOf } from '../../rooms/room-words.js';
import { findPeople, myId } from '../../rooms/rooms.js';
import { PersonAvatar } from './avatar.js';

/** Time without a keystroke after which the server is asked, in ms, and the fewest letters it wants. */
const PAUSE_MS = 200;
const FEWEST = 2;

/**
 * Finds people by name and gathers them. `chosen` and `onChange` hold `{id, name}`; `without` are ids that are in already.
 * Arrow keys move in what was found, Enter takes it, Backspace in the empty field takes the last one back.
 */
export function PeoplePicker({ chosen, onChange, without = [], most = Infinity, label = 'People' }) {
  const [words, setWords] = useState('');
  const { found, problem, isSearching } = useFound(words.trim());
  const [at, setAt] = useState(0);
  const field = useRef(null);
  const taken = new Set([...chosen.map(({ id }) => id), ...without, myId()]);
  const people = found.filter(({ id }) => !taken.has(id));
  const isFull = chosen.length >= most;
  const isOpen = words.trim().length >= FEWEST && !isFull;
  const active = Math.min(at, people.length - 1);

  const take = (person) => {
    onChange([...chosen, person]);
    setWords('');
    setAt(0);
    field.current.focus();
  };
  const drop = (id) => {
    onChange(chosen.filter((person) => person.id !== id));
    field.current.focus();
  };
  const onKeyDown = (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && people.length > 0) setAt((active + step + people.length) % people.length);
    else if (event.key === 'Enter' && words.trim()) people[active] && take(people[active]);
    else if (event.key === 'Backspace' && words === '' && chosen.length > 0) drop(chosen.at(-1).id);
    else if (event.key === 'Escape' && words) setWords('');
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return html`
    <div class="picker">
      <label class="field-label" for="people">${label}</label>
      <div class="picker-field" onClick=${() => field.current.focus()}>
        ${chosen.map((person) => html`<${Chip} key=${person.id} person=${person} onDrop=${() => drop(person.id)} />`)}
        <input
          id="people"
          ref=${field}
          value=${words}
          placeholder=${isFull ? '' : chosen.length > 0 ? 'Add another' : 'Type a name'}
          disabled=${isFull}
          autocomplete="off"
          maxlength="100"
          role="combobox"
          aria-expanded=${isOpen}
          aria-controls="people-found"
          aria-autocomplete="list"
          aria-activedescendant=${isOpen && people[active] ? `found-${people[active].id}` : undefined}
          onInput=${(event) => (setWords(event.target.value), setAt(0))}
          onKeyDown=${onKeyDown}
          data-focus
        />
      </div>
      <ul
        id="people-found"
        class="picker-found"
        role="listbox"
        aria-label="People found"
        hidden=${!isOpen || people.length === 0}
      >
        ${people.map(
          (person, index) => html`
            <li
              key=${person.id}
              id=${`found-${person.id}`}
              role="option"
              aria-selected=${index === active}
              onMouseDown=${(event) => event.preventDefault()}
              onClick=${() => take(person)}
            >
              <${PersonAvatar} person=${person} small withDot=${false} /> <span>${nameOf(person)}</span>
            </li>
          `,
        )}
      </ul>
      <p class="picker-note" role="status">
        ${isOpen ? noteOf({ people, problem, isSearching, words }) : hintOf({ words, isFull })}
      </p>
    </div>
  `;
}

function Chip({ person, onDrop }) {
  return html`<span class="chip">
    ${nameOf(person)}
    <${IconButton} icon="close" label=${`Take ${nameOf(person)} back`} onClick=${onDrop} />
  </span>`;
}

const hintOf = ({ words, isFull }) => (isFull || words.length === 0 ? '' : 'Two letters at least.');

function noteOf({ people, problem, isSearching, words }) {
  if (problem) return problem.message;
  if (people.length > 0) return html`<span class="offscreen">${people.length} found</span>`;
  return isSearching ? 'Searching…' : html`<${Icon} name="info" /> Nobody else is called “${words.trim()}”.`;
}

function useFound(words) {
  const [answer, setAnswer] = useState({ words: '', found: [], problem: null });
  useEffect(() => {
    if (words.length < FEWEST) return undefined;
    let isStale = false;
    const timer = setTimeout(async () => {
      const next = await findPeople(words).then(
        (found) => ({ words, found, problem: null }),
        (problem) => ({ words, found: [], problem }),
      );
      if (!isStale) setAnswer(next);
    }, PAUSE_MS);
    return () => {
      isStale = true;
      clearTimeout(timer);
    };
  }, [words]);
  const isCurrent = answer.words === words;
  return { found: isCurrent ? answer.found : [], problem: isCurrent ? answer.problem : null, isSearching: !isCurrent };
}
