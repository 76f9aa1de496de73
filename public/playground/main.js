import { html, render } from '/vendor/preact.js';
import { loadUser } from '../common/api.js';
import { auth, hasTokens, takeTokensFromAddress } from '../common/auth.js';
import { goLive, goOffline, onLive } from '../common/live.js';
import { createStore } from '../common/store.js';
import { toastError } from '../common/ui/toasts.js';
import { followLiveEvents, forgetConversations, openConversation } from './conversations.js';
import { outbox } from './outbox.js';
import { followRooms, forgetAllOfRooms } from './rooms/room-live.js';
import { openRoom } from './rooms/room-logs.js';
import { roomOutbox } from './rooms/room-outbox.js';
import { loadRooms } from './rooms/rooms.js';
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
followRooms();
document.addEventListener('visibilitychange', () => {
  if (document.hidden || auth.get().status !== 'in') return;
  void refreshSessions();
  void loadRooms();
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
  outbox.restore();
  roomOutbox.restore();
  goLive();
  void loadSessions();
  void loadRooms();
  loadModels().catch(() => {});
  showRoute();
}

function end() {
  goOffline();
  forgetSessions();
  forgetConversations();
  outbox.forget();
  forgetAllOfRooms();
}

function showRoute() {
  const { sessionId, roomId } = route.get();
  void openConversation(sessionId);
  void openRoom(roomId);
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
