import { html } from '/vendor/preact.js';
import { connection } from '../../common/live.js';
import { useStore } from '../../common/store.js';
import { Icon } from '../../common/ui/icons.js';
import { cooldown, discard, retry } from '../outbox.js';
import { useSecondsUntil } from './countdown.js';

/** A message that the server has not confirmed yet. */
export function UnsentMessage({ entry, sessionId }) {
  const { clientMessageId, content, state, problem } = entry;
  return html`
    <li class=${`message user unsent ${state}`}>
      <article aria-label="You, not sent yet">
        <div class="bubble">${content}</div>
        <footer class="message-foot">
          ${
            state === 'failed'
              ? html`
                  <p class="answer-end failed" role="alert">
                    <${Icon} name="alert" /><span>Not sent: ${problem}</span>
                  </p>
                  <button type="button" class="link" onClick=${() => retry(sessionId, clientMessageId)}>
                    Send again
                  </button>
                  <button type="button" class="link" onClick=${() => discard(sessionId, clientMessageId)}>
                    Discard
                  </button>
                `
              : html`<p class="message-meta">
                  <span class="mark"><${Icon} name="clock" /></span><${Progress} state=${state} />
                </p>`
          }
        </footer>
      </article>
    </li>
  `;
}

function Progress({ state }) {
  const until = useStore(cooldown, (now) => now.until);
  const isLive = useStore(connection, (now) => now.state === 'live');
  const seconds = useSecondsUntil(until);
  if (state === 'waiting' && seconds > 0) return html`<span>Goes out in ${seconds} s</span>`;
  return html`<span>${isLive ? 'Sending…' : 'Waiting for the connection'}</span>`;
}
