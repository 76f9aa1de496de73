import { html } from '/vendor/preact.js';
import { copyText } from '../../../common/clipboard.js';
import { confirmDialog } from '../../../common/ui/dialogs.js';
import { IconButton } from '../../../common/ui/icons.js';
import { Menu } from '../../../common/ui/menu.js';
import { toast } from '../../../common/ui/toasts.js';
import { startEditing } from '../../editing.js';
import { runs } from '../../rooms/room-actions.js';
import { deleteMessage } from '../../rooms/room-live.js';
import { replyTo } from '../../rooms/replying.js';
import { attempt } from '../../session-actions.js';
import { ReactionMenu } from './reactions.js';
import { showReceipts } from './receipts-dialog.js';

/** What can be done with a message. Tab reaches it only from the message that has the list's Tab stop. */
export function MessageTools({ message, room, isOwn, tabindex }) {
  const items = [
    { label: 'Copy', icon: 'copy', run: () => copy(message.content) },
    ...(isOwn ? [{ label: 'Edit', icon: 'edit', run: () => startEditing(message.id) }] : []),
    ...(isOwn ? [{ label: 'Who has read it', icon: 'checks', run: () => showReceipts(message, room.id) }] : []),
    ...(isOwn || runs(room) ? [{ label: 'Delete', icon: 'trash', danger: true, run: () => remove(message) }] : []),
  ];
  return html`
    <div class="message-tools" role="group" aria-label="Message actions">
      <${ReactionMenu} message=${message} tabindex=${tabindex} />
      <${IconButton} icon="reply" label="Reply" tabindex=${tabindex} onClick=${() => replyTo(message)} />
      <${Menu} label="More actions" items=${items} tabindex=${tabindex} />
    </div>
  `;
}

async function copy(content) {
  toast((await copyText(content)) ? 'Copied.' : 'Copying was not allowed.');
}

async function remove(message) {
  const text = 'Its place in the room stays, its text goes, for everybody.';
  if (await confirmDialog({ title: 'Delete this message?', text, confirmLabel: 'Delete', danger: true }))
    await attempt(() => deleteMessage(message), 'The message could not be deleted.');
}
