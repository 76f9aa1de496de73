import { html } from '/vendor/preact.js';
import { plural, shortTime } from '../../../common/format.js';
import { useStore } from '../../../common/store.js';
import { Menu } from '../../../common/ui/menu.js';
import { roomAddress } from '../../route.js';
import { presence } from '../../rooms/presence.js';
import { roomActions } from '../../rooms/room-actions.js';
import { roomTyping } from '../../rooms/room-typing.js';
import { firstNameOf, lastLine, partnerOf, presenceText, roomTitle, typingText } from '../../rooms/room-words.js';
import { myId } from '../../rooms/rooms.js';
import { RoomAvatar } from './avatar.js';

export function RoomRow({ room, isCurrent }) {
  const me = myId();
  const title = roomTitle(room, me);
  const partner = partnerOf(room, me);
  const state = useStore(presence, ({ byUser }) => byUser[partner?.userId]);
  const typists = useStore(roomTyping, ({ byRoom }) => byRoom[room.id]);
  const names = (typists ?? []).map((id) => firstNameOf(room.participants.find(({ userId }) => userId === id)?.user));
  const at = room.lastMessage?.createdAt ?? room.createdAt;
  const { unreadCount } = room;
  return html`
    <li class=${`session-row room-row ${isCurrent ? 'current' : ''} ${unreadCount > 0 ? 'unread' : ''}`}>
      <a href=${roomAddress(room.id)} aria-current=${isCurrent ? 'page' : undefined} data-room=${room.id}>
        <${RoomAvatar} room=${room} />
        <span class="room-words">
          <span class="room-line">
            <span class="session-title">${title}</span>
            ${state?.online && html`<span class="offscreen">, ${presenceText(state)}, </span>`}
            <time datetime=${at}>${shortTime(at)}</time>
          </span>
          <span class="room-line">
            <span class=${`room-last ${names.length > 0 ? 'typing' : ''}`}
              >${typingText(names) || lastLine(room, me) || 'Nothing said yet'}</span
            >
            ${
              unreadCount > 0 &&
              html`<b class="count"
                ><span aria-hidden="true">${unreadCount > 99 ? '99+' : unreadCount}</span
                ><span class="offscreen">, ${plural(unreadCount, 'unread message')}</span></b
              >`
            }
          </span>
        </span>
      </a>
      <${Menu} label=${`Actions for ${title}`} items=${roomActions(room)} />
    </li>
  `;
}
