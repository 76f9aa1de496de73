import { html, useEffect } from '/vendor/preact.js';
import { useStore } from '../../common/store.js';
import { plural } from '../../common/format.js';
import { setTitle } from '../../common/title.js';
import { Icon } from '../../common/ui/icons.js';
import { countsOf, queue, shownChats } from '../queue.js';
import { chatAddress } from '../route.js';
import { showShortcuts } from './shortcuts-dialog.js';

export function NoChat() {
  const state = useStore(queue);
  useEffect(() => setTitle('Desk'), []);
  const { waiting, mine } = countsOf(state);
  const next = (shownChats(state) ?? [])[0];
  return html`
    <div class="pane-note">
      <${Icon} name="people" />
      <h1>
        ${waiting === 0 ? 'Nobody is waiting' : plural(waiting, 'customer').concat(waiting === 1 ? ' waits' : ' wait')}
      </h1>
      <p>${mine === 0 ? 'You hold no chat.' : `You hold ${plural(mine, 'chat')}.`}</p>
      ${next && html`<a class="button primary" href=${chatAddress(next.id)}>Open the first</a>`}
      <button type="button" class="button ghost small" onClick=${showShortcuts}>Keyboard shortcuts</button>
    </div>
  `;
}
