import { html, useEffect } from '/vendor/preact.js';
import { shortTime } from '../../common/format.js';
import { useStore } from '../../common/store.js';
import { Icon } from '../../common/ui/icons.js';
import { toastError } from '../../common/ui/toasts.js';
import { loadOperators, operators } from '../operators.js';
import { PRESENCE_NAMES, ROLE_NAMES } from '../words.js';
import { showOperatorForm } from './operator-form.js';

const ORDER = ['admin', 'senior_operator', 'operator'];

/** Everybody who works at the desk. */
export function Staff() {
  const { byId, me } = useStore(operators);
  useEffect(() => void loadOperators().catch((error) => toastError(error, 'The operators could not be read.')), []);
  const list = Object.values(byId).sort(
    (a, b) =>
      b.is_active - a.is_active || ORDER.indexOf(a.role) - ORDER.indexOf(b.role) || a.name.localeCompare(b.name),
  );
  return html`
    <div class="admin-bar">
      <p>Who is disabled cannot sign in; the chats they held go back into the queue.</p>
      <button type="button" class="button primary small" onClick=${() => showOperatorForm(null)}>
        <${Icon} name="plus" /> New operator
      </button>
    </div>
    <ul class="staff">
      ${list.map((operator) => html`<${Person} key=${operator.id} operator=${operator} isMe=${operator.id === me?.id} />`)}
    </ul>
  `;
}

function Person({ operator, isMe }) {
  const { name, email, role, status, is_active: isActive, active_chats: held, max_chats: most } = operator;
  return html`
    <li class=${isActive ? '' : 'disabled'}>
      <span class="avatar" aria-hidden="true">${[...(name || '?')][0].toUpperCase()}</span>
      <p class="staff-name">
        <strong><bdi>${name}</bdi>${isMe && html` <small>(you)</small>`}</strong>
        <small><bdi>${email}</bdi></small>
      </p>
      <p class="staff-facts">
        <span class="chip">${ROLE_NAMES[role]}</span>
        ${
          isActive
            ? html`<span><i class=${`presence ${status}`} aria-hidden="true"></i> ${PRESENCE_NAMES[status]}</span>`
            : html`<span class="chip late">Disabled</span>`
        }
        <span>${held} of ${most} chats</span>
        ${operator.last_activity && html`<span>Last active ${shortTime(operator.last_activity)}</span>`}
      </p>
      <button type="button" class="button small" onClick=${() => showOperatorForm(operator)}>
        Change<span class="offscreen"> ${name}</span>
      </button>
    </li>
  `;
}
