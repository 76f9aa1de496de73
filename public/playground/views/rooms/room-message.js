import { Component, html } from '/vendor/preact.js';
import { failureText } from '../../../common/answer-failures.js';
import { fullTime, shortTime, timeOfDay } from '../../../common/format.js';
import { useStore } from '../../../common/store.js';
import { Icon } from '../../../common/ui/icons.js';
import { Markdown } from '../../../common/ui/markdown-view.js';
import { editing } from '../../editing.js';
import { editMessage } from '../../rooms/room-live.js';
import { nameOf } from '../../rooms/room-words.js';
import { myId } from '../../rooms/rooms.js';
import { EditForm } from '../edit-form.js';
import { showRevisions } from '../revisions-dialog.js';
import { AssistantAvatar, PersonAvatar } from './avatar.js';
import { MessageTools } from './message-tools.js';
import { Reactions } from './reactions.js';
import { showReceipts } from './receipts-dialog.js';
import { Quote } from './reply-banner.js';
import { RoomText } from './room-text.js';

const ENDS = { stopped: 'Stopped', interrupted: 'Broke off', failed: 'Failed' };

/** One message of a room; drawn again only when something about it changed. */
export class RoomMessage extends Component {
  shouldComponentUpdate(next) {
    return Object.keys(next).some((name) => name !== 'onShow' && name !== 'room' && next[name] !== this.props[name]);
  }

  render(props) {
    return html`<${Row} ...${props} />`;
  }
}

function Row({ message, room, people, target, isOwn, isFirst, isStop, isLastOwn, receipt, receiptText, onShow }) {
  const { id, role, status, deletedAt, sender, replyToId, createdAt } = message;
  const tabindex = isStop ? 0 : -1;
  const isEditing = useStore(editing, (state) => state.messageId === id);
  const isAssistant = role === 'assistant';
  const speaker = isAssistant ? 'Assistant' : isOwn ? 'You' : nameOf(sender);
  const namesMe = message.mentions?.includes(myId()) && !isOwn;
  const classes = [
    'message room-message',
    isOwn ? 'own' : 'other',
    isAssistant ? 'assistant' : '',
    status,
    isFirst ? 'first' : '',
    namesMe ? 'names-me' : '',
  ];
  return html`
    <li class=${classes.join(' ')} data-message=${id} tabindex=${tabindex} aria-busy=${status === 'streaming'}>
      ${!isOwn && html`<span class="face-place">${isFirst && (isAssistant ? html`<${AssistantAvatar} />` : html`<${PersonAvatar} person=${sender} withDot=${false} />`)}</span>`}
      <article aria-label=${`${speaker}, ${shortTime(createdAt)}`}>
        ${isFirst && !isOwn && html`<p class="speaker">${speaker}</p>`}
        ${
          isEditing
            ? html`<${EditForm} message=${message} save=${editMessage} note="Everybody sees that it was edited." />`
            : html`<div class="said">
                <${Body}
                  message=${message}
                  people=${people}
                  quote=${replyToId && html`<${Quote} target=${target} tabindex=${tabindex} onClick=${() => onShow(replyToId)} />`}
                />
                ${!deletedAt && status !== 'streaming' && html`<${MessageTools} message=${message} room=${room} isOwn=${isOwn} tabindex=${tabindex} />`}
              </div>`
        }
        ${!isEditing && html`<${Foot} message=${message} room=${room} isOwn=${isOwn} isLastOwn=${isLastOwn} receipt=${receipt} receiptText=${receiptText} tabindex=${tabindex} />`}
        ${!deletedAt && html`<${Reactions} message=${message} people=${people} tabindex=${tabindex} />`}
      </article>
    </li>
  `;
}

function Body({ message, people, quote }) {
  const { role, content, status, deletedAt, fileUrl, fileName } = message;
  if (deletedAt) return html`<p class="deleted">This message was deleted.</p>`;
  if (role === 'assistant') {
    if (status === 'streaming' && content === '')
      return html`<p class="thinking">
        <i></i><i></i><i></i><span class="offscreen">The assistant is thinking</span>
      </p>`;
    return html`${quote}<${Markdown} source=${content} />`;
  }
  return html`
    <div class="bubble">${quote}<${RoomText} text=${content} people=${people} /></div>
    ${
      fileUrl &&
      html`<a class="attachment" href=${fileUrl} target="_blank" rel="noopener noreferrer nofollow"
        ><${Icon} name="download" /> ${fileName || fileUrl}</a
      >`
    }
  `;
}

function Foot({ message, room, isOwn, isLastOwn, receipt, receiptText, tabindex }) {
  const { createdAt, editedAt, deletedAt, status, error, role } = message;
  const reason = failureText(error);
  return html`
    ${
      role === 'assistant' &&
      ENDS[status] &&
      html`<p class=${`answer-end ${status}`}>
        <${Icon} name=${status === 'stopped' ? 'stop' : 'alert'} /><span
          >${ENDS[status]}${reason && `: ${reason}`}</span
        >
      </p>`
    }
    <p class=${`message-meta ${isLastOwn ? 'under' : ''}`}>
      <time datetime=${createdAt} title=${fullTime(createdAt)}>${timeOfDay(createdAt)}</time>
      ${editedAt && !deletedAt && html`<button type="button" class="quiet" tabindex=${tabindex} title=${fullTime(editedAt)} onClick=${() => showRevisions(message)}>edited</button>`}
      ${
        isOwn &&
        receipt &&
        html`<button
          type="button"
          class=${`ticks ${receipt}`}
          tabindex=${tabindex}
          title=${receiptText}
          onClick=${() => showReceipts(message, room.id)}
        >
          <${Icon} name=${receipt === 'sent' ? 'check' : 'checks'} />
          <span class=${isLastOwn ? '' : 'offscreen'}>${receiptText}</span>
        </button>`
      }
    </p>
  `;
}
