import { Component, html } from '/vendor/preact.js';
import { fullTime, plural, shortTime } from '../../common/format.js';
import { useStore } from '../../common/store.js';
import { Icon } from '../../common/ui/icons.js';
import { myId, operators } from '../operators.js';
import { chatAddress } from '../route.js';
import {
  customerName,
  duration,
  lastLine,
  operatorName,
  PRIORITY_NAMES,
  secondsSince,
  STATUS_NAMES,
} from '../words.js';
import { Face } from './face.js';

/** One chat of the queue; drawn again only when something about it changed. */
export class QueueRow extends Component {
  shouldComponentUpdate({ chat, isCurrent, now }) {
    return chat !== this.props.chat || isCurrent !== this.props.isCurrent || now !== this.props.now;
  }

  render(props) {
    return html`<${Row} ...${props} />`;
  }
}

function Row({ chat, isCurrent, now }) {
  const byId = useStore(operators, (state) => state.byId);
  const { id, priority, status, unread_count: unread, is_pinned: isPinned, user } = chat;
  const holder = status === 'in_progress' && chat.operator_id !== myId() ? operatorName(chat.operator_id, byId) : null;
  return html`
    <li class=${`chat-row ${isCurrent ? 'current' : ''} ${unread > 0 ? 'unread' : ''}`} data-chat=${id}>
      <a href=${chatAddress(id)} aria-current=${isCurrent ? 'page' : undefined}>
        <${Face} user=${user} source=${chat.source} />
        <span class="chat-row-words">
          <span class="chat-row-line">
            <bdi class="chat-row-name">${customerName(user)}</bdi>
            ${isPinned && html`<span class="pin-mark"><${Icon} name="pin" /><span class="offscreen">Pinned</span></span>`}
            <${When} chat=${chat} now=${now} />
          </span>
          <span class="chat-row-line">
            <bdi class="chat-row-last">${lastLine(chat, myId())}</bdi>
            ${unread > 0 && html`<b class="count"><span aria-hidden="true">${unread > 99 ? '99+' : unread}</span><span class="offscreen">${plural(unread, 'unread message')}</span></b>`}
          </span>
          <span class="chat-row-marks">
            ${(priority === 'urgent' || priority === 'high') && html`<span class=${`chip ${priority}`}>${PRIORITY_NAMES[priority]}</span>`}
            ${status !== 'waiting' && (holder || status !== 'in_progress') && html`<span class="chip">${holder ? html`<bdi>${holder}</bdi>` : STATUS_NAMES[status]}</span>`}
            ${chat.sla_breached_at && status !== 'closed' && html`<span class="chip late">Late</span>`}
            ${chat.tags.slice(0, 3).map((tag) => html`<span class="chip tag" key=${tag}><bdi>${tag}</bdi></span>`)}
          </span>
        </span>
      </a>
    </li>
  `;
}

function When({ chat, now }) {
  const { status, waiting_since: since, last_message: last, updated_at: at } = chat;
  if (status === 'waiting' && since)
    return html`<time class="waits" datetime=${since} title=${`Waiting since ${fullTime(since)}`}
      >${duration(secondsSince(since, now))}</time
    >`;
  const time = last?.timestamp ?? at;
  return html`<time datetime=${time} title=${fullTime(time)}>${shortTime(time)}</time>`;
}
