import { html } from '/vendor/preact.js';
import { Quote } from './reply-banner.js';
import { RoomText } from './room-text.js';
import { UnsentFoot } from '../unsent-message.js';

/** A message that the server has not confirmed yet, as it will look. */
export function UnsentRoomMessage({ entry, outbox, place, people, target }) {
  return html`
    <li class=${`message room-message own first unsent ${entry.state}`}>
      <article aria-label="You, not sent yet">
        <div class="said">
          <div class="bubble">
            ${entry.more?.replyToId && html`<${Quote} target=${target} />`}<${RoomText}
              text=${entry.content}
              people=${people}
            />
          </div>
        </div>
        <${UnsentFoot} entry=${entry} outbox=${outbox} place=${place} />
      </article>
    </li>
  `;
}
