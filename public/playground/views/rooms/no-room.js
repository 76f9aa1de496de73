import { html, useEffect } from '/vendor/preact.js';
import { setTitle } from '../../../common/title.js';
import { Icon } from '../../../common/ui/icons.js';
import { PaneHeader } from '../pane-header.js';
import { showNewRoom } from './new-room-dialog.js';

/** Where a room would be. */
export function NoRoom(frame) {
  useEffect(() => setTitle('Rooms'), []);
  return html`
    <${PaneHeader} ...${frame} />
    <div class="pane-note">
      <h1 class="note-title">Talk with people</h1>
      <p>Choose a room from the list, or start one and invite others.</p>
      <button type="button" class="button primary" onClick=${showNewRoom}><${Icon} name="plus" /> Start a room</button>
    </div>
  `;
}
