import { Component, html } from '/vendor/preact.js';
import { failureText } from '../../common/answer-failures.js';
import { copyText } from '../../common/clipboard.js';
import { fullTime, shortTime } from '../../common/format.js';
import { useStore } from '../../common/store.js';
import { confirmDialog } from '../../common/ui/dialogs.js';
import { Icon, IconButton } from '../../common/ui/icons.js';
import { Markdown } from '../../common/ui/markdown-view.js';
import { toast } from '../../common/ui/toasts.js';
import { deleteMessage, editMessage, regenerate } from '../conversations.js';
import { editing, startEditing } from '../editing.js';
import { attempt } from '../session-actions.js';
import { EditForm } from './edit-form.js';
import { showRevisions } from './revisions-dialog.js';

const SPEAKERS = { user: 'You', assistant: 'Assistant', operator: 'Operator', customer: 'Customer', system: 'Note' };
const ENDS = { stopped: 'Stopped', interrupted: 'Broke off', failed: 'Failed' };

/** One message; drawn again only when something about it changed. */
export class Message extends Component {
  shouldComponentUpdate({ message, isLast }) {
    return message !== this.props.message || isLast !== this.props.isLast;
  }

  render(props) {
    return html`<${Row} ...${props} />`;
  }
}

function Row({ message, isLast, isOld }) {
  const { id, role, status, deletedAt } = message;
  const isEditing = useStore(editing, (state) => state.messageId === id) && !isOld;
  const isRunning = status === 'streaming';
  return html`
    <li
      class=${`message ${role} ${status} ${isOld ? 'old' : ''}`}
      data-message=${id}
      tabindex="-1"
      aria-busy=${isRunning}
    >
      <article aria-label=${`${SPEAKERS[role]}, ${shortTime(message.createdAt)}`}>
        ${role !== 'user' && html`<p class="speaker">${SPEAKERS[role]}</p>`}
        ${isEditing ? html`<${EditForm} message=${message} save=${editMessage} note="The assistant will answer again from here." />` : html`<${Body} message=${message} />`}
        ${!deletedAt && !isEditing && html`<${Foot} message=${message} isLast=${isLast} isOld=${isOld} />`}
      </article>
    </li>
  `;
}

function Body({ message: { role, content, status, deletedAt } }) {
  if (deletedAt) return html`<p class="deleted">This message was deleted.</p>`;
  if (role === 'user') return html`<div class="bubble">${content}</div>`;
  if (status === 'streaming' && content === '')
    return html`<p class="thinking"><i></i><i></i><i></i><span class="offscreen">The assistant is thinking</span></p>`;
  return html`<${Markdown} source=${content} />`;
}

function Foot({ message, isLast, isOld }) {
  const { role, status, content, createdAt, editedAt, model, usage } = message;
  const isRunning = status === 'streaming';
  return html`
    <footer class="message-foot">
      ${!isRunning && html`<${End} message=${message} canRepeat=${isLast && !isOld} />`}
      <div class="message-meta">
        <time datetime=${createdAt} title=${fullTime(createdAt)}>${shortTime(createdAt)}</time>
        ${editedAt && html`<button type="button" class="quiet" title=${fullTime(editedAt)} onClick=${() => showRevisions(message)}>edited</button>`}
        ${role === 'user' && html`<span class="mark" title="Stored by the server"><${Icon} name="check" /><span class="offscreen">Sent</span></span>`}
        ${role === 'assistant' && model && html`<span>${model}</span>`}
        ${usage && html`<span title=${`${usage.promptTokens} in, ${usage.completionTokens} out, ${usage.kind}`}>${usageText(usage)}</span>`}
      </div>
      ${
        !isRunning &&
        html`
          <div class="message-actions">
            ${content && html`<${IconButton} icon="copy" label="Copy" onClick=${() => copy(content)} />`}
            ${role === 'assistant' && isLast && !isOld && html`<${IconButton} icon="again" label="Answer again" onClick=${() => attempt(() => regenerate(message))} />`}
            ${role === 'user' && !isOld && html`<${IconButton} icon="edit" label="Edit" onClick=${() => startEditing(message.id)} />`}
            ${!isOld && html`<${IconButton} icon="trash" label="Delete" onClick=${() => remove(message)} />`}
          </div>
        `
      }
    </footer>
  `;
}

function End({ message, canRepeat }) {
  const { role, status, error } = message;
  if (role !== 'assistant' || !ENDS[status]) return null;
  const reason = failureText(error);
  return html`
    <p class=${`answer-end ${status}`}>
      <${Icon} name=${status === 'stopped' ? 'stop' : 'alert'} />
      <span>${ENDS[status]}${reason && `: ${reason}`}</span>
      ${canRepeat && status !== 'stopped' && html`<button type="button" class="link" onClick=${() => attempt(() => regenerate(message))}>Try again</button>`}
    </p>
  `;
}

const usageText = ({ promptTokens, completionTokens, kind }) =>
  `${kind === 'estimated' ? '≈ ' : ''}${(promptTokens + completionTokens).toLocaleString()} tokens`;

async function copy(content) {
  toast((await copyText(content)) ? 'Copied.' : 'Copying was not allowed.');
}

async function remove(message) {
  const text = 'Its place in the conversation stays, its text goes.';
  if (await confirmDialog({ title: 'Delete this message?', text, confirmLabel: 'Delete', danger: true }))
    await attempt(() => deleteMessage(message), 'The message could not be deleted.');
}
