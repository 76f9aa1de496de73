import { html, useEffect, useState } from '/vendor/preact.js';
import { plural } from '../../common/format.js';
import { useStore } from '../../common/store.js';
import { Icon, IconButton } from '../../common/ui/icons.js';
import { toastError } from '../../common/ui/toasts.js';
import { alerts, setSound } from '../alerts.js';
import { catchUp } from '../follow.js';
import { operators } from '../operators.js';
import { countsOf, queue, readMore, setView, shownChats } from '../queue.js';
import { isSenior } from '../queue-rules.js';
import { route, STATS_ADDRESS } from '../route.js';
import { DeskMenu } from './desk-menu.js';
import { Filters } from './filters.js';
import { QueueRow } from './queue-row.js';
import { ReachMark } from './reach-mark.js';
import { StatusSelect } from './status-select.js';

const TITLES = { waiting: 'Waiting chats', mine: 'My chats', all: 'All chats' };
/** Typing rests for this long before the server is asked, in ms. */
const SEARCH_MS = 250;
/** The times of waiting are drawn anew this often, in ms. */
const TICK_MS = 15_000;

export function QueuePane({ config }) {
  const { isSoundOn } = useStore(alerts);
  const view = useStore(route, (state) => state.view);
  return html`
    <aside class="queue" aria-label="Queue">
      <header class="queue-head">
        <p class="wordmark">Parley <small>Desk</small></p>
        <${StatusSelect} />
        <${IconButton}
          icon=${isSoundOn ? 'bell' : 'bellOff'}
          label="Sound for new chats"
          aria-pressed=${isSoundOn}
          onClick=${() => setSound(!isSoundOn)}
        />
        <a
          class=${`icon-button ${view === 'stats' ? 'current' : ''}`}
          href=${STATS_ADDRESS}
          aria-label="Statistics"
          aria-current=${view === 'stats' ? 'page' : undefined}
          title="Statistics"
          ><${Icon} name="chart"
        /></a>
      </header>
      <${Tabs} />
      <${Search} />
      <${ReachMark} />
      <${List} />
      <${DeskMenu} config=${config} />
    </aside>
  `;
}

function Tabs() {
  const state = useStore(queue);
  const me = useStore(operators, (known) => known.me);
  const { tab } = state.view;
  const { waiting, mine, unread } = countsOf(state);
  const choice = (name, label, count, words) => html`
    <button type="button" aria-pressed=${tab === name} onClick=${() => setView({ tab: name })}>
      ${label}
      ${count > 0 && html`<b class="count"><span aria-hidden="true">${count > 99 ? '99+' : count}</span><span class="offscreen">, ${words}</span></b>`}
    </button>
  `;
  return html`
    <div class="list-switch" role="group" aria-label="Which chats">
      ${choice('waiting', 'Waiting', waiting, plural(waiting, 'chat'))}
      ${choice('mine', `Mine${mine > 0 ? ` ${mine}` : ''}`, unread, plural(unread, 'unread message'))}
      ${isSenior(me) && choice('all', 'All', 0, '')}
    </div>
  `;
}

function Search() {
  const { search } = useStore(queue, ({ view }) => view);
  const [words, setWords] = useState(search);
  useEffect(() => setWords(search), [search]);
  useEffect(() => {
    if (words.trim() === search) return undefined;
    const timer = setTimeout(() => setView({ search: words.trim() }), SEARCH_MS);
    return () => clearTimeout(timer);
  }, [words]);
  const onKeyDown = (event) => {
    if (event.key !== 'Escape' || !words) return;
    event.preventDefault();
    setWords('');
    setView({ search: '' });
  };
  return html`
    <div class="queue-search">
      <div class="search-field" role="search">
        <${Icon} name="search" />
        <input
          id="search"
          type="search"
          placeholder="Search names and messages"
          aria-label="Search chats"
          value=${words}
          maxlength="200"
          onInput=${(event) => setWords(event.target.value)}
          onKeyDown=${onKeyDown}
        />
      </div>
      <${Filters} />
    </div>
  `;
}

function List() {
  const state = useStore(queue);
  const current = useStore(route, ({ chatId }) => chatId);
  const [now, tick] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => tick(Date.now()), TICK_MS);
    return () => clearInterval(timer);
  }, []);
  const shown = shownChats(state);
  const { view, next, problem, status } = state;
  return html`
    <nav class="queue-list" aria-label=${TITLES[view.tab]} aria-busy=${shown === null}>
      ${
        shown === null && status === 'failed'
          ? html`<p class="list-note">${problem.message}</p>
              <button type="button" class="button small" onClick=${catchUp}>Try again</button>`
          : shown === null
            ? html`<${Skeleton} />`
            : html`
                <ul>
                  ${shown.map((chat) => html`<${QueueRow} key=${chat.id} chat=${chat} isCurrent=${chat.id === current} now=${now} />`)}
                </ul>
                ${shown.length === 0 && html`<p class="list-note">${emptyText(view)}</p>`}
                ${next && html`<button type="button" class="button ghost small wide" onClick=${() => readMore().catch(toastError)}>Show more</button>`}
              `
      }
    </nav>
  `;
}

function emptyText({ tab, search, priority, source, tag, state }) {
  if (search || priority || source || tag || state) return 'No chat fits this search.';
  if (tab === 'waiting') return 'Nobody is waiting. New chats appear here by themselves.';
  return tab === 'mine' ? 'You hold no chat. Take one that waits.' : 'There are no chats yet.';
}

const Skeleton = () => html`
  <div class="skeleton" aria-hidden="true">
    ${[70, 92, 60, 84, 66].map((width) => html`<i style=${{ width: `${width}%` }}></i>`)}
  </div>
  <p class="offscreen" role="status">Loading the chats</p>
`;
