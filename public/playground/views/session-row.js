import { html } from '/vendor/preact.js';
import { shortTime } from '../../common/format.js';
import { Icon } from '../../common/ui/icons.js';
import { Menu } from '../../common/ui/menu.js';
import { chatAddress } from '../route.js';
import { sessionActions } from '../session-actions.js';
import { titleOf } from '../sessions.js';

export function SessionRow({ session, isCurrent }) {
  const title = titleOf(session);
  return html`
    <li class=${`session-row ${isCurrent ? 'current' : ''}`}>
      <a href=${chatAddress(session.id)} aria-current=${isCurrent ? 'page' : undefined} data-session=${session.id}>
        ${session.isFavorite && html`<span class="favourite-mark"><${Icon} name="star" filled=${true} /></span>`}
        <span class="session-title">${title}</span>
        <time datetime=${session.updatedAt}>${shortTime(session.updatedAt)}</time>
      </a>
      <${Menu} label=${`Actions for ${title}`} items=${sessionActions(session)} />
    </li>
  `;
}
