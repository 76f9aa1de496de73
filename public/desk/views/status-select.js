import { html } from '/vendor/preact.js';
import { useStore } from '../../common/store.js';
import { Menu } from '../../common/ui/menu.js';
import { toastError } from '../../common/ui/toasts.js';
import { operators, setOwn } from '../operators.js';
import { PRESENCE_NAMES } from '../words.js';

/** Whether this operator is there. */
export function StatusSelect() {
  const me = useStore(operators, (state) => state.me);
  const status = me?.status ?? 'offline';
  const items = Object.entries(PRESENCE_NAMES).map(([value, label]) => ({
    label,
    icon: value === 'online' ? 'check' : value === 'away' ? 'clock' : 'pause',
    checked: value === status,
    run: () => setOwn({ status: value }).catch((error) => toastError(error, 'Your status was not changed.')),
  }));
  const trigger = html`<i class=${`presence ${status}`} aria-hidden="true"></i><span>${PRESENCE_NAMES[status]}</span>`;
  return html`<${Menu}
    class="status-menu"
    label=${`Your status: ${PRESENCE_NAMES[status]}`}
    items=${items}
    trigger=${trigger}
  />`;
}
