import { html } from '/vendor/preact.js';
import { useStore } from '../../common/store.js';
import { showDialog } from '../../common/ui/dialogs.js';
import { SHORTCUTS, setShortcutsOn, shortcuts } from '../shortcut-list.js';

export const showShortcuts = () => void showDialog({ title: 'Keyboard shortcuts', body: ShortcutList });

function ShortcutList() {
  const { isOn } = useStore(shortcuts);
  return html`
    <dl class="shortcut-list">
      ${SHORTCUTS.map(
        ({ keys, does }) => html`
          <div key=${does}>
            <dt>${keys.map((key) => html`<kbd>${key}</kbd>`)}</dt>
            <dd>${does}</dd>
          </div>
        `,
      )}
    </dl>
    <label class="check">
      <input type="checkbox" checked=${isOn} onChange=${(event) => setShortcutsOn(event.target.checked)} data-focus />
      <span>Use these shortcuts</span>
    </label>
  `;
}
