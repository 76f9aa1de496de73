import { html } from '/vendor/preact.js';
import { signOut } from '../../common/api.js';
import { auth } from '../../common/auth.js';
import { useStore } from '../../common/store.js';
import { setTitle } from '../../common/title.js';
import { Announcer } from '../../common/ui/announcer.js';
import { DialogHost } from '../../common/ui/dialogs.js';
import { Toasts, toastError } from '../../common/ui/toasts.js';
import { route } from '../route.js';
import { useShortcuts } from '../shortcuts.js';
import { AdminPane } from './admin-pane.js';
import { ChatPane } from './chat-pane.js';
import { NoChat } from './no-chat.js';
import { QueuePane } from './queue-pane.js';
import { SignIn } from './sign-in.js';
import { StatsPane } from './stats-pane.js';

export function App({ config, desk, onRetry }) {
  const { status, notice, user } = useStore(auth);
  const known = useStore(config);
  const { status: entry, problem } = useStore(desk);
  const isWaiting = status === 'unknown' || (status === 'in' && (entry === 'asking' || entry === 'failed'));
  return html`
    ${isWaiting && html`<${Waiting} problem=${notice ?? problem?.message} onRetry=${onRetry} />`}
    ${status === 'out' && html`<${SignIn} notice=${notice} />`}
    ${status === 'in' && entry === 'refused' && html`<${Refused} user=${user} />`}
    ${status === 'in' && entry === 'in' && html`<${Desk} config=${known} />`}
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

function Refused({ user }) {
  setTitle('Desk');
  const leave = () => signOut().catch((error) => toastError(error, 'The server was not told.'));
  return html`
    <main class="splash refused">
      <p class="wordmark">Parley</p>
      <h1>The desk is for operators</h1>
      <p>You are signed in as ${user?.email ?? 'somebody'}, and this account does not belong to one.</p>
      <p class="refused-ways">
        <button type="button" class="button primary" onClick=${leave}>Sign in with another account</button>
        <a class="button" href="/">Go to the playground</a>
      </p>
    </main>
  `;
}

function Desk({ config }) {
  const { view, chatId, part } = useStore(route);
  useShortcuts();
  return html`
    <a class="skip-link" href="#main" onClick=${skipToMain}>Skip to the chat</a>
    <div class=${`desk shows-${view}`}>
      <${QueuePane} config=${config} />
      <main id="main" tabindex="-1">
        ${view === 'chat' && html`<${ChatPane} key=${chatId} chatId=${chatId} />`}
        ${view === 'queue' && html`<${NoChat} />`} ${view === 'stats' && html`<${StatsPane} />`}
        ${view === 'admin' && html`<${AdminPane} part=${part} />`}
      </main>
    </div>
  `;
}

// The address belongs to the routes, so the link moves the focus itself.
function skipToMain(event) {
  event.preventDefault();
  document.getElementById('main').focus();
}
