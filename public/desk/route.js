import { createStore } from '../common/store.js';

/** Where the operator is: `#/chat/<id>`, `#/stats`, `#/admin/<part>` or nowhere in particular. */
export const route = createStore(read());

function read() {
  const [, view, id = null] = location.hash.split('/');
  if (view === 'chat' && id) return { view, chatId: id };
  if (view === 'stats') return { view, chatId: null };
  if (view === 'admin') return { view, chatId: null, part: id };
  return { view: 'queue', chatId: null };
}

export const chatAddress = (chatId) => `#/chat/${chatId}`;
export const STATS_ADDRESS = '#/stats';
export const ADMIN_ADDRESS = '#/admin';
export const QUEUE_ADDRESS = '#/';

export function goTo(address, { replace = false } = {}) {
  if (location.hash === address) return;
  if (replace) history.replaceState(null, '', address);
  else history.pushState(null, '', address);
  route.set(read());
}

addEventListener('hashchange', () => route.set(read()));
addEventListener('popstate', () => route.set(read()));
