import { html } from '/vendor/preact.js';
import { connection } from '../../common/live.js';
import { useStore } from '../../common/store.js';
import { Icon } from '../../common/ui/icons.js';
import { useSecondsUntil } from './countdown.js';

/** A message that the server has not confirmed yet; `place` is the id of its conversation. */
export function UnsentMessage({ entry, outbox, place }) {
  return html`
    <li class=${`message user unsent ${entry.state}`}>
      <article aria-label="You, not sent yet">
        <div class="bubble">${entry.content}</div>
        <${UnsentFoot} entry=${entry} outbox=${outbox} place=${place} />
      </article>
    </li>
  `;
}

/** How far an unsent message has come, and what can be done when it did not get through. */
export function UnsentFoot({ entry, outbox, place }) {
  const { clientMessageId, state, problem } = entry;
  return html`
    <footer class="message-foot">
      ${
        state === 'failed'
          ? html`
              <p class="answer-end failed" role="alert"><${Icon} name="alert" /><span>Not sent: ${problem}</span></p>
              <button type="button" class="link" onClick=${() => outbox.retry(place, clientMessageId)}>
                Send again
              </button>
              <button type="button" class="link" onClick=${() => outbox.discard(place, clientMessageId)}>
                Discard
              </button>
            `
          : html`<p class="message-meta">
              <span class="mark"><${Icon} name="clock" /></span
              ><${Progress} state=${state} cooldown=${outbox.cooldown} />
            </p>`
      }
    </footer>
  `;
}

function Progress({ state, cooldown }) {
  const until = useStore(cooldown, (now) => now.until);
  const isLive = useStore(connection, (now) => now.state === 'live');
  const seconds = useSecondsUntil(until);
  if (state === 'waiting' && seconds > 0) return html`<span>Goes out in ${seconds} s</span>`;
  return html`<span>${isLive ? 'Sending…' : 'Waiting for the connection'}</span>`;
}
