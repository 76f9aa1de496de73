import { html, useEffect, useState } from '/vendor/preact.js';
import { auth } from '../../common/auth.js';
import { useMedia } from '../../common/media.js';
import { useStore } from '../../common/store.js';
import { Announcer } from '../../common/ui/announcer.js';
import { DialogHost } from '../../common/ui/dialogs.js';
import { Toasts } from '../../common/ui/toasts.js';
import { load, save } from '../../common/storage.js';
import { useShortcuts } from '../shortcuts.js';
import { route } from '../route.js';
import { ConversationPane } from './conversation-pane.js';
import { DevPanel } from './dev-panel.js';
import { NewChat } from './new-chat.js';
import { NoRoom } from './rooms/no-room.js';
import { RoomPane } from './rooms/room-pane.js';
import { Sidebar } from './sidebar.js';
import { SignIn } from './sign-in.js';

export function App({ config, onRetry }) {
  const { status, notice } = useStore(auth);
  const known = useStore(config);
  return html`
    ${status === 'unknown' && html`<${Waiting} problem=${notice} onRetry=${onRetry} />`}
    ${status === 'out' && html`<${SignIn} config=${known} notice=${notice} />`}
    ${status === 'in' && html`<${Shell} config=${known} />`}
    <${DialogHost} />
    <${Toasts} />
    <${Announcer} />
  `;
}

function Waiting({ problem, onRetry }) {
  return html`
    <main class="splash">
      <p class="wordmark">Parley</p>
      ${
        problem
          ? html`<p>${problem}</p>
              <button type="button" class="button primary" onClick=${onRetry}>Try again</button>`
          : html`<p class="offscreen" role="status">Loading</p>`
      }
    </main>
  `;
}

function Shell({ config }) {
  const { view, sessionId, roomId, groupId } = useStore(route);
  const isNarrow = useMedia('(max-width: 820px)');
  const [wantsDrawer, setDrawerOpen] = useState(false);
  const isDrawerOpen = isNarrow && wantsDrawer;
  const [isPanelOpen, setPanelOpen] = useState(() => load('parley.dev-panel', false));
  const togglePanel = () => {
    save('parley.dev-panel', !isPanelOpen || null);
    setPanelOpen(!isPanelOpen);
  };
  useShortcuts({ openDrawer: () => setDrawerOpen(true), togglePanel });
  useEffect(() => setDrawerOpen(false), [view, sessionId, roomId, groupId]);
  const frame = { config, onMenu: () => setDrawerOpen(true), isPanelOpen, togglePanel };
  return html`
    <a class="skip-link" href="#main" onClick=${skipToMain}>Skip to the conversation</a>
    <div class=${`shell ${isPanelOpen ? 'with-panel' : ''}`}>
      <${Sidebar} isDrawer=${isNarrow} isOpen=${isDrawerOpen} onClose=${() => setDrawerOpen(false)} config=${config} />
      <main id="main" tabindex="-1" inert=${isDrawerOpen}>
        ${view === 'chat' && html`<${ConversationPane} key=${sessionId} sessionId=${sessionId} ...${frame} />`}
        ${view === 'room' && html`<${RoomPane} key=${roomId} roomId=${roomId} ...${frame} />`}
        ${view === 'rooms' && html`<${NoRoom} ...${frame} />`}
        ${view === 'new' && html`<${NewChat} key=${`new-${groupId}`} groupId=${groupId} ...${frame} />`}
      </main>
      ${isPanelOpen && html`<${DevPanel} onClose=${togglePanel} />`}
    </div>
  `;
}

// The address belongs to the routes, so the link moves the focus itself.
function skipToMain(event) {
  event.preventDefault();
  document.getElementById('main').focus();
}
