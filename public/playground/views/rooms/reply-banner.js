import { html } from '/vendor/preact.js';
import { shorten } from '../../../common/format.js';
import { IconButton } from '../../../common/ui/icons.js';
import { nameOf } from '../../rooms/room-words.js';
import { myId } from '../../rooms/rooms.js';

export const speakerOf = ({ role, senderId, sender }) =>
  role === 'assistant' ? 'Assistant' : senderId === myId() ? 'You' : nameOf(sender);

/** Over the field: which message is being answered. */
export function ReplyBanner({ message, onCancel }) {
  return html`
    <div class="reply-banner">
      <p>Reply to <strong>${speakerOf(message)}</strong> <span>${shorten(message.content, 140)}</span></p>
      <${IconButton} icon="close" label="Do not reply to it" onClick=${onCancel} />
    </div>
  `;
}

/** In a message: what it answers. `target` is undefined when it is further up than what is loaded. */
export function Quote({ target, onClick, tabindex }) {
  const text = target?.deletedAt ? 'This message was deleted.' : shorten(target?.content ?? '', 140);
  return html`
    <button
      type="button"
      class="quote"
      tabindex=${tabindex}
      onClick=${onClick}
      aria-label=${target ? `In reply to ${speakerOf(target)}: ${text}` : 'In reply to an earlier message'}
    >
      ${target ? html`<strong>${speakerOf(target)}</strong> <span>${text}</span>` : html`<span>An earlier message</span>`}
    </button>
  `;
}
