import { html, useEffect, useRef } from '/vendor/preact.js';
import { plural } from '../../../common/format.js';
import { useStore } from '../../../common/store.js';
import { Icon, IconButton } from '../../../common/ui/icons.js';
import { Menu } from '../../../common/ui/menu.js';
import { goTo, roomAddress } from '../../route.js';
import { presence } from '../../rooms/presence.js';
import { handOver, leave, makeAdmin, roleIn, runs, takeOut } from '../../rooms/room-actions.js';
import { nameOf, presenceText, ROLE_NAMES } from '../../rooms/room-words.js';
import { createRoom, myId } from '../../rooms/rooms.js';
import { attempt } from '../../session-actions.js';
import { PersonAvatar } from './avatar.js';
import { showAddPeople } from './new-room-dialog.js';

const RANK = { OWNER: 0, ADMIN: 1, MEMBER: 2 };

/** Who is in the room, and what can be done about it. */
export function MembersPanel({ room, onClose }) {
  const isGroup = room.type === 'GROUP';
  const element = useRef(null);
  const byUser = useStore(presence, (state) => state.byUser);
  const isHere = ({ userId }) => (userId === myId() || byUser[userId]?.online ? 0 : 1);
  const people = room.participants.toSorted(
    (a, b) => RANK[a.role] - RANK[b.role] || isHere(a) - isHere(b) || nameOf(a.user).localeCompare(nameOf(b.user)),
  );
  useEffect(() => {
    if (matchMedia('(max-width: 1080px)').matches) element.current.querySelector('button').focus();
  }, []);
  const close = () => {
    onClose();
    document.getElementById('members-toggle')?.focus();
  };
  return html`
    <aside
      class="members"
      aria-label="Members"
      ref=${element}
      onKeyDown=${(event) => event.key === 'Escape' && !event.defaultPrevented && close()}
    >
      <header>
        <h2>${plural(people.length, 'member')}</h2>
        <${IconButton} icon="close" label="Close the members" onClick=${close} />
      </header>
      ${
        isGroup &&
        runs(room) &&
        html`<button type="button" class="button small wide" onClick=${() => showAddPeople(room)}>
          <${Icon} name="plus" /> Add people
        </button>`
      }
      <ul>
        ${people.map((place) => html`<${Member} key=${place.userId} place=${place} room=${room} state=${byUser[place.userId]} />`)}
      </ul>
      ${
        isGroup &&
        html`<button type="button" class="button ghost small list-action" onClick=${() => leave(room)}>
          <${Icon} name="leave" /> Leave the room
        </button>`
      }
    </aside>
  `;
}

function Member({ place, room, state }) {
  const { userId, user, role } = place;
  const isMe = userId === myId();
  const actions = actionsFor(place, room);
  return html`
    <li class="member" data-member=${userId}>
      <${PersonAvatar} person=${user} />
      <span class="member-words">
        <strong>${nameOf(user)}${isMe && ' (you)'}</strong>
        <small>${presenceText(state)}</small>
      </span>
      ${role !== 'MEMBER' && html`<span class="badge">${ROLE_NAMES[role]}</span>`}
      ${actions.length > 0 && html`<${Menu} label=${`Actions for ${nameOf(user)}`} items=${actions} />`}
    </li>
  `;
}

function actionsFor(place, room) {
  if (place.userId === myId() || room.type === 'DIRECT') return [];
  const isOwner = roleIn(room) === 'OWNER';
  const isAdmin = place.role === 'ADMIN';
  const mayRemove = runs(room) && (place.role !== 'OWNER' || isOwner);
  return [
    { label: 'Talk in private', icon: 'people', run: () => talkTo(place) },
    ...(isOwner
      ? [
          {
            label: isAdmin ? 'Make a member' : 'Make an admin',
            icon: 'person',
            run: () => makeAdmin(room, place, !isAdmin),
          },
          { label: 'Make the owner', icon: 'crown', run: () => handOver(room, place) },
        ]
      : []),
    ...(mayRemove
      ? [{ label: 'Remove from the room', icon: 'leave', danger: true, run: () => takeOut(room, place) }]
      : []),
  ];
}

async function talkTo({ userId }) {
  const room = await attempt(() => createRoom({ type: 'DIRECT', participantIds: [userId] }));
  if (room) goTo(roomAddress(room.id));
}
