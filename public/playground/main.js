import { html, render } from '/vendor/preact.js';
import { loadUser } from '../common/api.js';
import { auth, hasTokens, takeTokensFromAddress } from '../common/auth.js';
import { goLive, goOffline, onLive } from '../common/live.js';
import { createStore } from '../common/store.js';
import { toastError } from '../common/ui/toasts.js';
import { followLiveEvents, forgetConversations, openConversation } from './conversations.js';
import { forgetOutbox, restoreOutbox } from './outbox.js';
import { route } from './route.js';
import { followSessionEvents, forgetSessions, loadModels, loadSessions, refreshSessions } from './sessions.js';
import { App } from './views/app.js';

/** What the server tells everybody about itself. */
const config = createStore({ version: '', googleSignIn: false, assistant: null });

takeTokensFromAddress();
render(html`<${App} config=${config} onRetry=${findOut} />`, document.getElementById('app'));

followLiveEvents();
onLive('ready', () => void refreshSessions());
followSessionEvents();
document.addEventListener('visibilitychange', () => {
  if (!document.hidden && auth.get().status === 'in') void refreshSessions();
});

let signedIn = false;
auth.subscribe(({ status }) => {
  if ((status === 'in') === signedIn) return;
  signedIn = status === 'in';
  if (signedIn) begin();
  else end();
});

route.subscribe(() => signedIn && showRoute());

function begin() {
  restoreOutbox();
  goLive();
  void loadSessions();
  loadModels().catch(() => {});
  showRoute();
}

function end() {
  goOffline();
  forgetSessions();
  forgetConversations();
  forgetOutbox();
}

function showRoute() {
  void openConversation(route.get().sessionId);
}

async function findOut() {
  if (hasTokens()) {
    try {
      await loadUser();
    } catch (error) {
      auth.set({ status: 'unknown', notice: error.message });
    }
  } else auth.set({ status: 'out' });
}

fetch('/config.json')
  .then((response) => response.json())
  .then((known) => config.set(known))
  .catch(() => toastError({ message: 'The server cannot be reached right now.', code: 'OFFLINE' }));
void findOut();
