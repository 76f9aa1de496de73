import { html } from '/vendor/preact.js';
import { useStore } from '../../../common/store.js';
import { toastError } from '../../../common/ui/toasts.js';
import { route } from '../../route.js';
import { loadMoreRooms, loadRooms, rooms } from '../../rooms/rooms.js';
import { Section, Skeleton } from '../sections.js';
import { RoomRow } from './room-row.js';

/** The rooms of this person in the sidebar. */
export function RoomList() {
  const { status, byId, order, problem, nextCursor } = useStore(rooms);
  const current = useStore(route, ({ roomId }) => roomId);
  if (status === 'idle' || (status === 'loading' && order.length === 0)) return html`<${Skeleton} what="rooms" />`;
  if (status === 'failed' && order.length === 0)
    return html`
      <p class="list-note">${problem.message}</p>
      <button type="button" class="button small" onClick=${() => loadRooms()}>Try again</button>
    `;
  const all = order.map((id) => byId[id]);
  const archived = all.filter(({ isArchived }) => isArchived);
  const draw = (room) => html`<${RoomRow} key=${room.id} room=${room} isCurrent=${room.id === current} />`;
  return html`
    <${Section}
      title="Rooms"
      name="rooms"
      items=${all.filter(({ isArchived }) => !isArchived)}
      what="room"
      draw=${draw}
      empty="No rooms yet. Start one, and invite somebody."
    />
    ${
      archived.length > 0 &&
      html`<${Section}
        title="Archived rooms"
        icon="archive"
        name="archived-rooms"
        items=${archived}
        what="room"
        draw=${draw}
        isClosedAtFirst
      />`
    }
    ${nextCursor && html`<button type="button" class="button ghost small wide" onClick=${() => loadMoreRooms().catch(toastError)}>Show more rooms</button>`}
  `;
}
