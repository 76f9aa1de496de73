import { html, useEffect, useLayoutEffect, useRef, useState } from '/vendor/preact.js';
import { plural } from '../../common/format.js';
import { useStore } from '../../common/store.js';
import { Icon } from '../../common/ui/icons.js';
import { toastError } from '../../common/ui/toasts.js';
import { folded } from '../conversation-log.js';
import { loadBackTo, loadOlder } from '../conversations.js';
import { seekMessage, sought } from '../search.js';
import { Message } from './message.js';
import { UnsentMessage } from './unsent-message.js';

/** Nearer to the end than this counts as "at the end", in px. */
const NEAR_END = 80;
/** Older pages are fetched when less than this is left above, in px. */
const NEAR_START = 500;

export function MessageList({ log, waiting }) {
  const box = useRef(null);
  const { isAtEnd, onScroll, toEnd } = useScrolling(box, log, waiting);
  useSeeking(box, log);
  const rows = folded(log.messages);
  const last = rows.findLast(({ earlier }) => !earlier);
  return html`
    <div class="messages" ref=${box} onScroll=${onScroll}>
      ${log.status === 'loading' && log.messages.length === 0 && html`<${Skeleton} />`}
      ${log.isLoadingOlder && html`<p class="older" role="status">Loading earlier messages…</p>`}
      <ol class="message-list" aria-label="Messages">
        ${rows.map((row) =>
          row.earlier
            ? html`<${Earlier} key=${row.id} messages=${row.earlier} />`
            : html`<${Message} key=${row.id} message=${row} isLast=${row === last} />`,
        )}
        ${waiting.map((entry) => html`<${UnsentMessage} key=${entry.clientMessageId} entry=${entry} sessionId=${log.sessionId} />`)}
      </ol>
      ${log.status === 'ready' && rows.length === 0 && waiting.length === 0 && html`<p class="pane-note">Nothing has been said yet.</p>`}
    </div>
    ${
      !isAtEnd &&
      html`<button type="button" class="to-end" onClick=${toEnd}>
        <${Icon} name="down" /><span class="offscreen">Go to the latest message</span>
      </button>`
    }
  `;
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

// Stays at the end while it is there, and keeps the place when older messages come in above.
function useScrolling(box, log, waiting) {
  const [isAtEnd, setAtEnd] = useState(true);
  const follow = useRef(true);
  const before = useRef({ firstId: null, height: 0, unsent: 0 });
  const { messages, sessionId, hasOlder } = log;
  const firstId = messages[0]?.id ?? null;

  useLayoutEffect(() => {
    const element = box.current;
    const old = before.current;
    if (waiting.length > old.unsent) follow.current = true;
    if (old.firstId && firstId !== old.firstId && !follow.current)
      element.scrollTop += element.scrollHeight - old.height;
    else if (follow.current) element.scrollTop = element.scrollHeight;
    before.current = { firstId, height: element.scrollHeight, unsent: waiting.length };
  });
  useEffect(() => {
    const observer = new ResizeObserver(() => {
      if (follow.current) box.current.scrollTop = box.current.scrollHeight;
    });
    observer.observe(box.current);
    return () => observer.disconnect();
  }, []);
  const fetchAbove = () => {
    if (hasOlder && box.current.scrollTop < NEAR_START)
      loadOlder(sessionId).catch((error) => toastError(error, 'Earlier messages could not be loaded.'));
  };
  useEffect(fetchAbove, [firstId]);

  const onScroll = () => {
    const { scrollHeight, scrollTop, clientHeight } = box.current;
    follow.current = scrollHeight - scrollTop - clientHeight < NEAR_END;
    setAtEnd(follow.current);
    fetchAbove();
  };
  const toEnd = () => {
    follow.current = true;
    setAtEnd(true);
    box.current.scrollTop = box.current.scrollHeight;
  };
  return { isAtEnd, onScroll, toEnd };
}

// Brings the message of a search result into view.
function useSeeking(box, { sessionId, status }) {
  const target = useStore(sought, (state) => state.message);
  useEffect(() => {
    if (!target || target.sessionId !== sessionId || status !== 'ready') return;
    const show = () => {
      const element = box.current?.querySelector(`[data-message="${target.id}"]`);
      seekMessage(null);
      if (!element) return;
      const fold = element.closest('details');
      if (fold) fold.open = true;
      element.scrollIntoView({ block: 'center' });
      element.classList.add('sought');
      element.focus({ preventScroll: true });
    };
    loadBackTo(sessionId, target.seq)
      .catch(toastError)
      .finally(() => requestAnimationFrame(show));
  }, [target, sessionId, status]);
}

function Skeleton() {
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
