import { html, useEffect } from '/vendor/preact.js';
import { useStore } from '../../common/store.js';
import { setTitle } from '../../common/title.js';
import { Icon } from '../../common/ui/icons.js';
import { operators } from '../operators.js';
import { ADMIN_ADDRESS, QUEUE_ADDRESS } from '../route.js';
import { AuditLog } from './audit-log.js';
import { DeadLetters } from './dead-letters.js';
import { Staff } from './staff.js';

const PARTS = [
  { name: 'operators', label: 'Operators', view: Staff },
  { name: 'audit', label: 'Audit', view: AuditLog },
  { name: 'telegram', label: 'Telegram', view: DeadLetters },
];

/** What admins look after: `part` says which of it. */
export function AdminPane({ part }) {
  const me = useStore(operators, (state) => state.me);
  useEffect(() => setTitle('Administration'), []);
  const { view: View, name } = PARTS.find((one) => one.name === part) ?? PARTS[0];
  return html`
    <header class="pane-header">
      <a class="icon-button narrow-only" href=${QUEUE_ADDRESS} aria-label="Back to the queue" title="Back to the queue"
        ><${Icon} name="back"
      /></a>
      <div class="pane-title"><h1>Administration</h1></div>
    </header>
    ${
      me?.role === 'admin'
        ? html`
            <nav class="admin-parts" aria-label="Administration">
              ${PARTS.map(
                (one) =>
                  html`<a
                    key=${one.name}
                    href=${`${ADMIN_ADDRESS}/${one.name}`}
                    aria-current=${one.name === name ? 'page' : undefined}
                    >${one.label}</a
                  >`,
              )}
            </nav>
            <div class="admin" tabindex="0" role="region" aria-label=${`Administration: ${name}`}>
              <${View} key=${name} />
            </div>
          `
        : html`<div class="pane-note"><p>This is for admins.</p></div>`
    }
  `;
}
