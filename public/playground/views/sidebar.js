import { html, useEffect, useRef } from '/vendor/preact.js';
import { createStore, useStore } from '../../common/store.js';
import { plural } from '../../common/format.js';
import { load, save } from '../../common/storage.js';
import { Icon, IconButton } from '../../common/ui/icons.js';
import { toastError } from '../../common/ui/toasts.js';
import { groupActions, newGroup } from '../session-actions.js';
import { newChatAddress, route } from '../route.js';
import { loadMoreSessions, loadSessions, sessions } from '../sessions.js';
import { search, useSearch } from '../search.js';
import { rooms, unreadTotal } from '../rooms/rooms.js';
import { AccountMenu } from './account-menu.js';
import { showNewRoom } from './rooms/new-room-dialog.js';
import { RoomList } from './rooms/room-list.js';
import { SearchResults } from './search-results.js';
import { Section, Skeleton } from './sections.js';
import { SessionRow } from './session-row.js';

/** Which of the two lists is shown: `chats` or `rooms`. Going to one of their places turns to its list. */
const list = createStore({ shown: load('parley.list', 'chats') });

function turnTo(shown) {
  list.set({ shown });
  save('parley.list', shown === 'chats' ? null : shown);
}

const turnToRoute = ({ view }) => turnTo(view.startsWith('room') ? 'rooms' : 'chats');
route.subscribe(turnToRoute);
if (route.get().view !== 'new') turnToRoute(route.get());

export function Sidebar({ isDrawer, isOpen, onClose, config }) {
  const element = useRef(null);
  const words = useStore(search, (state) => state.words);
  const { archived } = useStore(sessions);
  const { shown } = useStore(list);
  const isRooms = shown === 'rooms';

  // A drawer that opens takes the focus and gives it back when it closes.
  useEffect(() => {
    if (!isOpen) return undefined;
    element.current.querySelector('a, button').focus();
    return () => document.getElementById('open-list')?.focus();
  }, [isOpen]);

  const onKeyDown = (event) => event.key === 'Escape' && isOpen && onClose();
  return html`
    <div class=${`scrim ${isOpen ? 'shown' : ''}`} onClick=${onClose}></div>
    <aside
      class=${`sidebar ${isOpen ? 'open' : ''}`}
      aria-label="Chats"
      ref=${element}
      onKeyDown=${onKeyDown}
      inert=${isDrawer && !isOpen}
    >
      <div class="sidebar-head">
        <p class="wordmark">Parley</p>
        <${IconButton} icon="close" label="Close the list" class="narrow-only" onClick=${onClose} />
      </div>
      <${ListSwitch} shown=${shown} />
      ${
        isRooms
          ? html`<button type="button" class="button primary wide" onClick=${showNewRoom}>
              <${Icon} name="plus" /> New room
            </button>`
          : html`<a class="button primary wide" href=${newChatAddress()}><${Icon} name="plus" /> New chat</a>`
      }
      <${SearchField} />
      <nav class="session-list" aria-label=${isRooms ? 'Your rooms' : archived ? 'Archived chats' : 'Your chats'}>
        ${words ? html`<${SearchResults} />` : isRooms ? html`<${RoomList} />` : html`<${Lists} />`}
      </nav>
      <${AccountMenu} config=${config} />
    </aside>
  `;
}

function ListSwitch({ shown }) {
  const unread = useStore(rooms, unreadTotal);
  const choice = (name, label, count = 0) => html`
    <button type="button" aria-pressed=${shown === name} onClick=${() => turnTo(name)}>
      ${label}
      ${count > 0 && html`<b class="count"><span aria-hidden="true">${count > 99 ? '99+' : count}</span><span class="offscreen">, ${plural(count, 'unread message')}</span></b>`}
    </button>
  `;
  return html`
    <div class="list-switch" role="group" aria-label="Which list">
      ${choice('chats', 'Assistant')} ${choice('rooms', 'Rooms', unread)}
    </div>
  `;
}

function SearchField() {
  const { words, change } = useSearch();
  const onKeyDown = (event) => {
    if (event.key !== 'Escape' || !words) return;
    event.stopPropagation();
    change('');
  };
  return html`
    <div class="search-field" role="search">
      <${Icon} name="search" />
      <input
        id="search"
        type="search"
        placeholder="Search"
        aria-label="Search chats and messages"
        value=${words}
        maxlength="200"
        onInput=${(event) => change(event.target.value)}
        onKeyDown=${onKeyDown}
      />
    </div>
  `;
}

const rowOf = (session, current) =>
  html`<${SessionRow} key=${session.id} session=${session} isCurrent=${session.id === current} />`;

function Lists() {
  const current = useStore(route, (state) => state.sessionId);
  const draw = (session) => rowOf(session, current);
  const { status, order, byId, groups, archived, problem, nextCursor } = useStore(sessions);
  if (status === 'loading' && order.length === 0) return html`<${Skeleton} />`;
  if (status === 'failed' && order.length === 0)
    return html`
      <p class="list-note">${problem.message}</p>
      <button type="button" class="button small" onClick=${() => loadSessions()}>Try again</button>
    `;
  const all = order.map((id) => byId[id]).filter(Boolean);
  if (archived) return html`<${Archive} all=${all} draw=${draw} />`;
  const known = new Set(groups.map(({ id }) => id));
  const favourites = all.filter(({ isFavorite }) => isFavorite);
  const loose = all.filter((session) => !session.isFavorite && !known.has(session.groupId));
  return html`
    ${favourites.length > 0 && html`<${Section} title="Favourites" icon="star" items=${favourites} name="favourites" draw=${draw} />`}
    ${groups.map((group) => html`<${GroupSection} key=${group.id} group=${group} items=${all.filter(({ groupId, isFavorite }) => groupId === group.id && !isFavorite)} draw=${draw} />`)}
    ${
      (loose.length > 0 || all.length === 0) &&
      html`<${Section}
        title="Chats"
        items=${loose}
        name="chats"
        draw=${draw}
        empty="Nothing here yet. Start with a question."
      />`
    }
    ${nextCursor && html`<button type="button" class="button ghost small wide" onClick=${() => loadMoreSessions().catch(toastError)}>Show more</button>`}
    <button type="button" class="button ghost small list-action" onClick=${newGroup}>
      <${Icon} name="folder" /> New group
    </button>
    <button type="button" class="button ghost small list-action" onClick=${() => loadSessions({ archived: true })}>
      <${Icon} name="archive" /> Archive
    </button>
  `;
}

function Archive({ all, draw }) {
  return html`
    <button type="button" class="button ghost small list-action" onClick=${() => loadSessions({ archived: false })}>
      <span class="turned"><${Icon} name="chevron" /></span> All chats
    </button>
    <${Section} title="Archive" icon="archive" items=${all} name="archive" draw=${draw} empty="Nothing is archived." />
  `;
}

function GroupSection({ group, items, draw }) {
  return html`<${Section}
    title=${group.name}
    icon="folder"
    items=${items}
    name=${`group.${group.id}`}
    actions=${groupActions(group)}
    draw=${draw}
    empty="No chats in this group."
  />`;
}
