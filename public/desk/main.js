import { html, render } from '/vendor/preact.js';
import { loadUser } from '../common/api.js';
import { auth, hasTokens } from '../common/auth.js';
import { createStore } from '../common/store.js';
import './alerts.js';
import { canned, loadCanned } from './canned.js';
import { forgetChats, openChat } from './chats.js';
import { beginFollowing, endFollowing } from './follow.js';
import { goLive, goOffline } from './live.js';
import { forgetOperators, loadMe } from './operators.js';
import { forgetQueue } from './queue.js';
import { forgetReplies, restoreReplies } from './replies.js';
import { route } from './route.js';
import { App } from './views/app.js';

/** What the server tells everybody about itself. */
const config = createStore({ version: '', docs: false });
/** `status`: asking | in | refused (the account belongs to no operator) | failed. */
const desk = createStore({ status: 'asking', problem: null });

render(html`<${App} config=${config} desk=${desk} onRetry=${findOut} />`, document.getElementById('app'));

let isIn = false;
auth.subscribe(({ status }) => {
  if ((status === 'in') === isIn) return;
  isIn = status === 'in';
  if (isIn) void begin();
  else end();
});

route.subscribe(() => desk.get().status === 'in' && void openChat(route.get().chatId));

async function begin() {
  desk.set({ status: 'asking', problem: null });
  try {
    await loadMe();
  } catch (error) {
    if (!isIn) return;
    const isRefused = error.code === 'FORBIDDEN' || error.code === 'OPERATOR_NOT_FOUND';
    return desk.set({ status: isRefused ? 'refused' : 'failed', problem: error });
  }
  if (!isIn) return;
  desk.set({ status: 'in' });
  restoreReplies();
  goLive();
  beginFollowing();
  void openChat(route.get().chatId);
  loadCanned().catch(() => {});
}

function end() {
  goOffline();
  endFollowing();
  forgetQueue();
  forgetChats();
  forgetReplies();
  forgetOperators();
  canned.set({ list: [] });
  desk.set({ status: 'asking', problem: null });
}

async function findOut() {
  if (isIn) return void begin();
  if (!hasTokens()) return auth.set({ status: 'out' });
  try {
    await loadUser();
  } catch (error) {
    auth.set({ status: 'unknown', notice: error.message });
  }
}

fetch('/config.json')
  .then((response) => response.json())
  .then((known) => config.set(known))
  .catch(() => {});
void findOut();
