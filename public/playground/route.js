import { createStore } from '../common/store.js';

/** Where the person is: `#/chat/<id>`, `#/new` or `#/new/<groupId>`. */
export const route = createStore(read());

function read() {
  const [, view, id = null] = location.hash.split('/');
  return view === 'chat' && id
    ? { view: 'chat', sessionId: id, groupId: null }
    : { view: 'new', sessionId: null, groupId: view === 'new' ? id : null };
}

addEventListener('hashchange', () => route.set(read()));

export const chatAddress = (sessionId) => `#/chat/${sessionId}`;
export const newChatAddress = (groupId) => (groupId ? `#/new/${groupId}` : '#/new');

export function goTo(address, { replace = false } = {}) {
  if (location.hash === address) return;
  if (replace) history.replaceState(null, '', address);
  else history.pushState(null, '', address);
  route.set(read());
}

addEventListener('popstate', () => route.set(read()));
