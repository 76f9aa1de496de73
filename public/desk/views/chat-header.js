import { html } from '/vendor/preact.js';
import { useStore } from '../../common/store.js';
import { Icon, IconButton } from '../../common/ui/icons.js';
import { Menu } from '../../common/ui/menu.js';
import { backToQueue, close, giveBack, mark, moving, reopen, transfer } from '../moves.js';
import { myId, operators } from '../operators.js';
import { QUEUE_ADDRESS } from '../route.js';
import { customerName, operatorName, SOURCE_NAMES, STATUS_NAMES } from '../words.js';
import { Face } from './face.js';

/** The bar above a chat: with whom it is, how it stands, and what can be done. */
export function ChatHeader({ chat, rights, isCardOpen, toggleCard }) {
  const isMoving = useStore(moving, ({ ids }) => ids.has(chat?.id));
  return html`
    <header class="pane-header chat-header">
      <a class="icon-button narrow-only" href=${QUEUE_ADDRESS} aria-label="Back to the queue" title="Back to the queue"
        ><${Icon} name="back"
      /></a>
      ${chat && html`<${Face} user=${chat.user} />`}
      <div class="pane-title">
        <h1 tabindex="-1"><bdi>${chat ? customerName(chat.user) : 'Chat'}</bdi></h1>
        ${chat && html`<p><${Subtitle} chat=${chat} /></p>`}
      </div>
      ${chat && html`<${Actions} chat=${chat} rights=${rights} isMoving=${isMoving} />`}
      <${IconButton}
        icon="person"
        label="Customer"
        class="card-toggle"
        aria-pressed=${isCardOpen}
        onClick=${toggleCard}
      />
    </header>
  `;
}

function Subtitle({ chat }) {
  const byId = useStore(operators, (state) => state.byId);
  const { status, source, operator_id: operatorId } = chat;
  const holder = status === 'in_progress' ? operatorName(operatorId, byId, myId()) : null;
  return html`${STATUS_NAMES[status]}${holder && html` · <bdi>${holder}</bdi>`} · ${SOURCE_NAMES[source]}`;
}

function Actions({ chat, rights, isMoving }) {
  const items = [
    rights.end && { label: 'Give back to the assistant', icon: 'spark', run: () => giveBack(chat) },
    rights.transfer && { label: 'Hand to another operator', icon: 'people', run: () => transfer(chat) },
    rights.queue && { label: 'Put back into the queue', icon: 'clock', run: () => backToQueue(chat) },
    { label: chat.is_pinned ? 'Unpin' : 'Pin', icon: 'pin', run: () => mark(chat, { isPinned: !chat.is_pinned }) },
  ].filter(Boolean);
  return html`
    ${rights.reopen && html`<button type="button" class="button small" disabled=${isMoving} onClick=${() => reopen(chat)}>Reopen</button>`}
    ${rights.end && html`<button type="button" class="button small" disabled=${isMoving} onClick=${() => close(chat)}>Close</button>`}
    <${Menu} label="More actions" items=${items} />
  `;
}
