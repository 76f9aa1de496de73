import { html, useEffect, useRef } from '/vendor/preact.js';
import { plural } from '../../common/format.js';
import { useStore } from '../../common/store.js';
import { Icon } from '../../common/ui/icons.js';
import { toastError } from '../../common/ui/toasts.js';
import { folded } from '../conversation-log.js';
import { loadBackTo, loadOlder } from '../conversations.js';
import { outbox } from '../outbox.js';
import { seekMessage, sought } from '../search.js';
import { Message } from './message.js';
import { showMessage, useScrolling } from '../../common/ui/scrolling.js';
import { UnsentMessage } from './unsent-message.js';

export function MessageList({ log, waiting }) {
  const box = useRef(null);
  const { sessionId, messages, hasOlder } = log;
  const { isAtEnd, onScroll, toEnd } = useScrolling(box, {
    messages,
    hasOlder,
    unsent: waiting.length,
    loadOlder: () => loadOlder(sessionId),
  });
  useSeeking(box, log);
  const rows = folded(messages);
  const last = rows.findLast(({ earlier }) => !earlier);
  return html`
    <div class="messages" ref=${box} onScroll=${onScroll}>
      ${log.status === 'loading' && messages.length === 0 && html`<${Skeleton} />`}
      ${log.isLoadingOlder && html`<p class="older" role="status">Loading earlier messages…</p>`}
      <ol class="message-list" aria-label="Messages">
        ${rows.map((row) =>
          row.earlier
            ? html`<${Earlier} key=${row.id} messages=${row.earlier} />`
            : html`<${Message} key=${row.id} message=${row} isLast=${row === last} />`,
        )}
        ${waiting.map((entry) => html`<${UnsentMessage} key=${entry.clientMessageId} entry=${entry} outbox=${outbox} place=${sessionId} />`)}
      </ol>
      ${log.status === 'ready' && rows.length === 0 && waiting.length === 0 && html`<p class="pane-note">Nothing has been said yet.</p>`}
    </div>
    ${!isAtEnd && html`<${ToEnd} onClick=${toEnd} />`}
  `;
}

export function ToEnd({ onClick, count = 0 }) {
  return html`<button type="button" class="to-end" onClick=${onClick}>
    <${Icon} name="down" />
    <span class="offscreen">Go to the latest message</span>
    ${count > 0 && html`<b class="count" aria-label=${`${count} unread`}>${count}</b>`}
  </button>`;
}

/** What an edit or a new answer replaced: still there to be read. */
function Earlier({ messages }) {
  return html`
    <li class="earlier">
      <details>
        <summary>
          <${Icon} name="chevron" /> Earlier version <small>${plural(messages.length, 'message')}</small>
        </summary>
        <ol>
          ${messages.map((message) => html`<${Message} key=${message.id} message=${message} isOld />`)}
        </ol>
      </details>
    </li>
  `;
}

// Brings the message of a search result into view.
function useSeeking(box, { sessionId, status }) {
  const target = useStore(sought, (state) => state.message);
  useEffect(() => {
    if (!target || target.sessionId !== sessionId || status !== 'ready') return;
    const show = () => {
      seekMessage(null);
      if (box.current) showMessage(box.current, target.id);
    };
    loadBackTo(sessionId, target.seq)
      .catch(toastError)
      .finally(() => requestAnimationFrame(show));
  }, [target, sessionId, status]);
}

export function Skeleton() {
  return html`
    <div class="skeleton conversation" aria-hidden="true">
      <i class="said" style=${{ width: '38%' }}></i>
      ${[92, 88, 64].map((width) => html`<i style=${{ width: `${width}%` }}></i>`)}
      <i class="said" style=${{ width: '26%' }}></i>
      ${[84, 47].map((width) => html`<i style=${{ width: `${width}%` }}></i>`)}
    </div>
    <p class="offscreen" role="status">Loading the conversation</p>
  `;
}
