import { html, useEffect, useRef, useState } from '/vendor/preact.js';
import { useStore } from '../../common/store.js';
import { load, save } from '../../common/storage.js';
import { plural } from '../../common/format.js';
import { Icon, IconButton } from '../../common/ui/icons.js';
import { Menu } from '../../common/ui/menu.js';
import { toastError } from '../../common/ui/toasts.js';
import { groupActions, newGroup } from '../session-actions.js';
import { newChatAddress, route } from '../route.js';
import { loadMoreSessions, loadSessions, sessions } from '../sessions.js';
import { search, useSearch } from '../search.js';
import { AccountMenu } from './account-menu.js';
import { SearchResults } from './search-results.js';
import { SessionRow } from './session-row.js';

export function Sidebar({ isDrawer, isOpen, onClose, config }) {
  const element = useRef(null);
  const words = useStore(search, (state) => state.words);
  const { archived } = useStore(sessions);

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
      <a class="button primary wide" href=${newChatAddress()}><${Icon} name="plus" /> New chat</a>
      <${SearchField} />
      <nav class="session-list" aria-label=${archived ? 'Archived chats' : 'Your chats'}>
        ${words ? html`<${SearchResults} />` : html`<${Lists} />`}
      </nav>
      <${AccountMenu} config=${config} />
    </aside>
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

function Lists() {
  const { status, order, byId, groups, archived, problem, nextCursor } = useStore(sessions);
  if (status === 'loading' && order.length === 0) return html`<${Skeleton} />`;
  if (status === 'failed' && order.length === 0)
    return html`
      <p class="list-note">${problem.message}</p>
      <button type="button" class="button small" onClick=${() => loadSessions()}>Try again</button>
    `;
  const all = order.map((id) => byId[id]).filter(Boolean);
  if (archived) return html`<${Archive} all=${all} />`;
  const known = new Set(groups.map(({ id }) => id));
  const favourites = all.filter(({ isFavorite }) => isFavorite);
  const loose = all.filter((session) => !session.isFavorite && !known.has(session.groupId));
  return html`
    ${favourites.length > 0 && html`<${Section} title="Favourites" icon="star" items=${favourites} name="favourites" />`}
    ${groups.map((group) => html`<${GroupSection} key=${group.id} group=${group} items=${all.filter(({ groupId, isFavorite }) => groupId === group.id && !isFavorite)} />`)}
    ${
      (loose.length > 0 || all.length === 0) &&
      html`<${Section} title="Chats" items=${loose} name="chats" empty="Nothing here yet. Start with a question." />`
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

function Archive({ all }) {
  return html`
    <button type="button" class="button ghost small list-action" onClick=${() => loadSessions({ archived: false })}>
      <span class="turned"><${Icon} name="chevron" /></span> All chats
    </button>
    <${Section} title="Archive" icon="archive" items=${all} name="archive" empty="Nothing is archived." />
  `;
}

function GroupSection({ group, items }) {
  return html`<${Section}
    title=${group.name}
    icon="folder"
    items=${items}
    name=${`group.${group.id}`}
    actions=${groupActions(group)}
    empty="No chats in this group."
  />`;
}

function Section({ title, icon, items, name, actions, empty }) {
  const key = `parley.closed.${name}`;
  const [isOpen, setOpen] = useState(() => !load(key, false));
  const current = useStore(route, (state) => state.sessionId);
  const toggle = () => {
    save(key, isOpen || null);
    setOpen(!isOpen);
  };
  return html`
    <section class="section" aria-label=${title}>
      <div class="section-head">
        <h2>
          <button type="button" aria-expanded=${isOpen} onClick=${toggle}>
            <${Icon} name="chevron" />${icon && html`<${Icon} name=${icon} />`}<span>${title}</span>
            <small aria-label=${plural(items.length, 'chat')}>${items.length || ''}</small>
          </button>
        </h2>
        ${actions && html`<${Menu} label=${`Actions for group ${title}`} items=${actions} />`}
      </div>
      ${isOpen && items.length === 0 && html`<p class="list-note">${empty}</p>`}
      ${
        isOpen &&
        html`<ul>
          ${items.map((session) => html`<${SessionRow} key=${session.id} session=${session} isCurrent=${session.id === current} />`)}
        </ul>`
      }
    </section>
  `;
}

function Skeleton() {
  return html`
    <div class="skeleton" aria-hidden="true">
      ${[70, 85, 55, 78, 62].map((width) => html`<i style=${{ width: `${width}%` }}></i>`)}
    </div>
    <p class="offscreen" role="status">Loading chats</p>
  `;
}
