import { html } from '/vendor/preact.js';
import { useStore } from '../../../common/store.js';
import { IconButton } from '../../../common/ui/icons.js';
import { Menu } from '../../../common/ui/menu.js';
import { presence } from '../../rooms/presence.js';
import { roomActions } from '../../rooms/room-actions.js';
import { roomSubtitle } from '../../rooms/room-words.js';
import { myId } from '../../rooms/rooms.js';
import { PaneHeader } from '../pane-header.js';
import { RoomAvatar } from './avatar.js';

export function RoomHeader({ title, room, areMembersShown, toggleMembers, ...frame }) {
  const byUser = useStore(presence, (state) => state.byUser);
  const subtitle = room && roomSubtitle(room, myId(), byUser);
  return html`
    <${PaneHeader}
      title=${title}
      subtitle=${subtitle}
      picture=${room && html`<${RoomAvatar} room=${room} />`}
      ...${frame}
    >
      ${
        room &&
        html`
          ${room.isArchived && html`<span class="badge">Archived</span>`}
          <${IconButton}
            id="members-toggle"
            icon="people"
            label="Members"
            aria-pressed=${areMembersShown}
            onClick=${toggleMembers}
          />
          <${Menu} label="Actions for this room" items=${roomActions(room)} />
        `
      }
    <//>
  `;
}
