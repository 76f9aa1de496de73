import { html } from '/vendor/preact.js';
import { hueOf, initials } from '../../../common/faces.js';
import { useStore } from '../../../common/store.js';
import { Icon } from '../../../common/ui/icons.js';
import { presence } from '../../rooms/presence.js';
import { nameOf, partnerOf, roomTitle } from '../../rooms/room-words.js';
import { myId } from '../../rooms/rooms.js';

/** A person in two letters, with a dot while the person is here. Its words stand beside it. */
export function PersonAvatar({ person, small = false, withDot = true }) {
  const isOnline = useStore(presence, ({ byUser }) => byUser[person?.id]?.online === true);
  return html`
    <span class=${`face hue-${hueOf(person?.id ?? '')} ${small ? 'small' : ''}`} aria-hidden="true">
      ${initials(nameOf(person))}${withDot && isOnline && html`<i class="here"></i>`}
    </span>
  `;
}

export function RoomAvatar({ room }) {
  const partner = partnerOf(room, myId());
  if (partner) return html`<${PersonAvatar} person=${partner.user} />`;
  return html`<span class=${`face room hue-${hueOf(room.id)}`} aria-hidden="true"
    >${initials(roomTitle(room, myId()))}</span
  >`;
}

export const AssistantAvatar = ({ small = false }) =>
  html`<span class=${`face assistant ${small ? 'small' : ''}`} aria-hidden="true"><${Icon} name="spark" /></span>`;
