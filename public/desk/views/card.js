import { html, useEffect, useRef, useState } from '/vendor/preact.js';
import { fullTime, shortTime } from '../../common/format.js';
import { useStore } from '../../common/store.js';
import { Icon, IconButton } from '../../common/ui/icons.js';
import { mark } from '../moves.js';
import { myId, operators } from '../operators.js';
import { customerName, operatorName, PRIORITIES, PRIORITY_NAMES, SOURCE_NAMES, STATUS_NAMES } from '../words.js';
import { Face } from './face.js';

const MOST_TAGS = 20;

/** Who the customer is, and how the chat is marked. */
export function Card({ chat, isOver, onClose }) {
  const element = useRef(null);
  // Over the chat it takes the focus and gives it back.
  useEffect(() => {
    if (!isOver) return undefined;
    element.current.querySelector('button').focus();
    return () => document.querySelector('.card-toggle')?.focus();
  }, []);
  const onKeyDown = (event) => isOver && event.key === 'Escape' && onClose();
  return html`
    <aside class=${`card ${isOver ? 'over' : ''}`} aria-label="Customer" ref=${element} onKeyDown=${onKeyDown}>
      <header>
        <h2>Customer</h2>
        <${IconButton} icon="close" label="Close the card" onClick=${onClose} />
      </header>
      <${Person} chat=${chat} />
      <${Marks} chat=${chat} />
      <${History} chat=${chat} />
    </aside>
  `;
}

function Person({ chat: { user, source } }) {
  return html`
    <div class="card-person">
      <${Face} user=${user} source=${source} />
      <p>
        <strong><bdi>${customerName(user)}</bdi></strong
        >${user.username && html`<small><bdi>@${user.username}</bdi></small>`}
      </p>
    </div>
    ${user.is_blocked && html`<p class="note error"><${Icon} name="alert" /><span>Nothing can be sent: this customer has blocked the bot.</span></p>`}
    <dl class="facts">
      ${fact('Channel', SOURCE_NAMES[source])} ${fact('Telegram id', user.telegram_id)}
      ${fact('Language', user.language_code)} ${fact('Customer since', time(user.created_at))}
    </dl>
  `;
}

function Marks({ chat }) {
  const { priority, is_pinned: isPinned } = chat;
  return html`
    <h3>Marks</h3>
    <label class="card-field">
      <span>Priority</span>
      <select value=${priority} onChange=${(event) => mark(chat, { priority: event.target.value })}>
        ${PRIORITIES.map((one) => html`<option key=${one} value=${one}>${PRIORITY_NAMES[one]}</option>`)}
      </select>
    </label>
    <label class="check">
      <input type="checkbox" checked=${isPinned} onChange=${() => mark(chat, { isPinned: !isPinned })} />
      <span>Pinned to the top</span>
    </label>
    <${Tags} chat=${chat} />
  `;
}

function Tags({ chat }) {
  const [text, setText] = useState('');
  const { tags } = chat;
  const add = (event) => {
    event.preventDefault();
    const tag = text.trim();
    setText('');
    if (tag && !tags.includes(tag)) void mark(chat, { tags: [...tags, tag] });
  };
  const remove = (tag) => mark(chat, { tags: tags.filter((one) => one !== tag) });
  return html`
    <ul class="tags" aria-label="Tags">
      ${tags.map((tag) => html`<li class="chip tag" key=${tag}><bdi>${tag}</bdi><${IconButton} icon="close" label=${`Remove the tag ${tag}`} onClick=${() => remove(tag)} /></li>`)}
    </ul>
    ${
      tags.length < MOST_TAGS &&
      html`<form class="tag-form" onSubmit=${add}>
        <label class="offscreen" for="new-tag">New tag</label>
        <input
          id="new-tag"
          placeholder="Add a tag"
          maxlength="50"
          value=${text}
          onInput=${(event) => setText(event.target.value)}
        />
        <button type="submit" class="button small" disabled=${!text.trim()}>Add</button>
      </form>`
    }
  `;
}

function History({ chat }) {
  const byId = useStore(operators, (state) => state.byId);
  return html`
    <h3>Chat</h3>
    <dl class="facts">
      ${fact('State', STATUS_NAMES[chat.status])}
      ${chat.operator_id && fact('Operator', html`<bdi>${operatorName(chat.operator_id, byId, myId())}</bdi>`)}
      ${fact('Reason', chat.escalation_reason && html`<bdi>${chat.escalation_reason}</bdi>`)}
      ${fact('Called a human', time(chat.escalated_at))} ${fact('First answer', time(chat.first_response_at))}
      ${fact('Late since', time(chat.sla_breached_at))} ${fact('Closed', time(chat.closed_at))}
      ${fact('How it ended', chat.resolution && html`<bdi>${chat.resolution}</bdi>`)}
      ${fact('Rating', chat.rating && `${chat.rating} of 5`)}
    </dl>
  `;
}

const fact = (name, value) =>
  value !== null &&
  value !== undefined &&
  value !== '' &&
  html`<div>
    <dt>${name}</dt>
    <dd>${value}</dd>
  </div>`;

const time = (value) => value && html`<time datetime=${value} title=${fullTime(value)}>${shortTime(value)}</time>`;
