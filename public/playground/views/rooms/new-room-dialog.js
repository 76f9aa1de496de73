import { html, useState } from '/vendor/preact.js';
import { showDialog } from '../../../common/ui/dialogs.js';
import { goTo, roomAddress } from '../../route.js';
import { attempt } from '../../session-actions.js';
import { addPeople, createRoom } from '../../rooms/rooms.js';
import { PeoplePicker } from './people-picker.js';

export const showNewRoom = () => void showDialog({ title: 'New room', body: NewRoom });

const TYPES = [
  { type: 'DIRECT', label: 'Direct', help: 'You and one other person.' },
  { type: 'GROUP', label: 'Group', help: 'Any number of people, with a name.' },
];

function NewRoom({ finish }) {
  const [type, setType] = useState('DIRECT');
  const [people, setPeople] = useState([]);
  const [name, setName] = useState('');
  const [isBusy, setBusy] = useState(false);
  const isGroup = type === 'GROUP';
  const canCreate = !isBusy && (isGroup ? people.length > 0 || name.trim() !== '' : people.length === 1);
  const choose = (next) => {
    setType(next);
    if (next === 'DIRECT') setPeople(people.slice(0, 1));
  };
  const submit = async (event) => {
    event.preventDefault();
    if (!canCreate) return;
    setBusy(true);
    const participantIds = people.map(({ id }) => id);
    const fields = { type, participantIds, ...(isGroup && name.trim() ? { name: name.trim() } : {}) };
    const room = await attempt(() => createRoom(fields), 'The room could not be made.');
    setBusy(false);
    if (!room) return;
    finish();
    goTo(roomAddress(room.id));
  };
  return html`
    <form class="room-form" onSubmit=${submit}>
      <fieldset class="type-choice">
        <legend class="offscreen">Kind of room</legend>
        ${TYPES.map(
          (entry) => html`
            <label key=${entry.type} class=${entry.type === type ? 'chosen' : ''}>
              <input type="radio" name="type" checked=${entry.type === type} onChange=${() => choose(entry.type)} />
              <span><strong>${entry.label}</strong><small>${entry.help}</small></span>
            </label>
          `,
        )}
      </fieldset>
      ${
        isGroup &&
        html`<label class="field">
          <span>Name of the room <small>optional</small></span>
          <input value=${name} maxlength="200" onInput=${(event) => setName(event.target.value)} />
        </label>`
      }
      <${PeoplePicker}
        chosen=${people}
        onChange=${setPeople}
        most=${isGroup ? Infinity : 1}
        label=${isGroup ? 'People' : 'With whom'}
      />
      <footer>
        <button type="button" class="button" onClick=${() => finish()}>Cancel</button>
        <button type="submit" class="button primary" disabled=${!canCreate}>
          ${isGroup ? 'Create the room' : 'Start talking'}
        </button>
      </footer>
    </form>
  `;
}

/** Asks for people to add to a room. */
export const showAddPeople = (room) =>
  void showDialog({ title: 'Add people', body: ({ finish }) => html`<${AddPeople} room=${room} finish=${finish} />` });

function AddPeople({ room, finish }) {
  const [people, setPeople] = useState([]);
  const [isBusy, setBusy] = useState(false);
  const submit = async (event) => {
    event.preventDefault();
    if (people.length === 0 || isBusy) return;
    setBusy(true);
    const ids = people.map(({ id }) => id);
    const done = await attempt(() => addPeople(room.id, ids), 'They could not be added.');
    setBusy(false);
    if (done) finish();
  };
  return html`
    <form class="room-form" onSubmit=${submit}>
      <${PeoplePicker}
        chosen=${people}
        onChange=${setPeople}
        without=${room.participants.map(({ userId }) => userId)}
      />
      <p class="picker-note">They see everything that was said before.</p>
      <footer>
        <button type="button" class="button" onClick=${() => finish()}>Cancel</button>
        <button type="submit" class="button primary" disabled=${people.length === 0 || isBusy}>Add</button>
      </footer>
    </form>
  `;
}
