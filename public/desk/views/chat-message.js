import { Component, html } from '/vendor/preact.js';
import { fullTime, timeOfDay } from '../../common/format.js';
import { Icon } from '../../common/ui/icons.js';
import { Markdown } from '../../common/ui/markdown-view.js';
import { isRunning } from '../chat-log.js';
import { myId } from '../operators.js';
import { deliveryOf, speakerOf } from '../words.js';
import { Attachment } from './attachment.js';
import { PlainText } from './plain-text.js';

const KINDS = { user: 'customer', bot: 'bot', operator: 'operator' };
const ENDS = { stopped: 'Stopped', interrupted: 'Broke off', failed: 'Failed' };

/** One message; drawn again only when something about it changed. */
export class ChatMessage extends Component {
  shouldComponentUpdate(next) {
    return ['message', 'user', 'byId', 'isFirst', 'isMissed'].some((name) => next[name] !== this.props[name]);
  }

  render(props) {
    return html`<${Row} ...${props} />`;
  }
}

function Row({ message, user, byId, isFirst, isMissed }) {
  const { author_type: author, metadata = {}, timestamp } = message;
  const isSystem = metadata.role === 'system';
  const speaker = speakerOf(message, { chat: { user }, operators: byId, me: myId() });
  const kind = isSystem ? 'system' : KINDS[author];
  return html`
    <li
      class=${`message chat-message ${kind} ${isRunning(message) ? 'streaming' : ''} ${isFirst ? 'first' : ''} ${isMissed ? 'missed' : ''}`}
      data-message=${message.id}
      tabindex="-1"
      aria-busy=${isRunning(message)}
    >
      <article aria-label=${`${speaker}, ${timeOfDay(timestamp)}`}>
        ${isFirst && html`<p class="speaker"><bdi>${speaker}</bdi></p>`}
        <${Body} message=${message} kind=${kind} />
        <${Meta} message=${message} />
      </article>
    </li>
  `;
}

function Body({ message, kind }) {
  const { text, metadata = {} } = message;
  if (metadata.deleted_at) return html`<p class="deleted">This message was deleted.</p>`;
  if (isRunning(message) && text === '')
    return html`<p class="thinking"><i></i><i></i><i></i><span class="offscreen">The assistant is thinking</span></p>`;
  return html`
    <div class="bubble" dir="auto">
      ${kind === 'bot' ? html`<${Markdown} source=${text} />` : html`<${PlainText} text=${text} />`}
      ${metadata.attachment && html`<${Attachment} message=${message} />`}
    </div>
  `;
}

function Meta({ message }) {
  const { timestamp, metadata = {} } = message;
  const delivery = deliveryOf(message);
  return html`
    <p class="message-meta">
      <time datetime=${timestamp} title=${fullTime(timestamp)}>${timeOfDay(timestamp)}</time>
      ${metadata.edited_at && html`<span title=${fullTime(metadata.edited_at)}>edited</span>`}
      ${ENDS[metadata.status] && html`<span>${ENDS[metadata.status]}</span>`}
      ${delivery && html`<span class=${`delivery ${delivery.state}`} title=${delivery.why}><${Icon} name=${delivery.icon} /> ${delivery.text}</span>`}
    </p>
  `;
}
