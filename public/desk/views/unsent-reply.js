import { html } from '/vendor/preact.js';
import { useStore } from '../../common/store.js';
import { Icon } from '../../common/ui/icons.js';
import { reach } from '../follow.js';
import { discardReply, putBack, retryReply } from '../replies.js';

/** A reply that the server has not confirmed yet. */
export function UnsentReply({ entry, chatId }) {
  const isAway = useStore(reach, ({ state }) => state === 'away');
  const { clientMessageId, text, state, problem } = entry;
  const backToField = () => {
    discardReply(chatId, clientMessageId);
    putBack(chatId, text);
  };
  return html`
    <li class=${`message chat-message operator unsent first ${state}`}>
      <article aria-label="You, not sent yet">
        <p class="speaker">You</p>
        <div class="bubble" dir="auto">${text}</div>
        ${
          state === 'failed'
            ? html`<p class="answer-end failed">
                <${Icon} name="alert" /><span>Not sent: ${problem}</span>
                <button type="button" class="link" onClick=${() => retryReply(chatId, clientMessageId)}>
                  Try again
                </button>
                <button type="button" class="link" onClick=${backToField}>Back into the field</button>
              </p>`
            : html`<p class="message-meta">
                <${Icon} name="clock" /> ${isAway ? 'Waiting for the connection' : 'Sending…'}
              </p>`
        }
      </article>
    </li>
  `;
}
