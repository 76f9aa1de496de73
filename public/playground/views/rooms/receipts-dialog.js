import { html } from '/vendor/preact.js';
import { useStore } from '../../../common/store.js';
import { showDialog } from '../../../common/ui/dialogs.js';
import { Icon } from '../../../common/ui/icons.js';
import { receiptOf } from '../../rooms/room-log.js';
import { nameOf } from '../../rooms/room-words.js';
import { myId, rooms } from '../../rooms/rooms.js';
import { PersonAvatar } from './avatar.js';

/** Shows who has read a message, whom it has reached, and who is still without it. */
export const showReceipts = (message, roomId) =>
  void showDialog({ title: 'Who has read it', body: () => html`<${Receipts} message=${message} roomId=${roomId} />` });

function Receipts({ message, roomId }) {
  const room = useStore(rooms, ({ byId }) => byId[roomId]);
  if (!room) return null;
  const { read, delivered, waiting } = receiptOf(message, room.participants, myId());
  return html`
    <div class="receipts" tabindex="0" role="group" aria-label="Receipts" data-focus>
      ${[
        ['Read', 'checks', read],
        ['Delivered', 'checks', delivered],
        ['Not yet delivered', 'clock', waiting],
      ].map(
        ([title, icon, places]) =>
          places.length > 0 && html`<${Group} key=${title} title=${title} icon=${icon} places=${places} />`,
      )}
      ${room.participants.length === 1 && html`<p>Nobody else is in this room.</p>`}
    </div>
  `;
}

function Group({ title, icon, places }) {
  return html`
    <section>
      <h3 class=${title.toLowerCase()}><${Icon} name=${icon} /> ${title}</h3>
      <ul>
        ${places.map(({ userId, user }) => html`<li key=${userId}><${PersonAvatar} person=${user} small /> ${nameOf(user)}</li>`)}
      </ul>
    </section>
  `;
}
