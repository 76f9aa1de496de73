import { createStore } from '../common/store.js';

/** Where the person is: `#/chat/<id>`, `#/room/<id>`, `#/rooms`, `#/new` or `#/new/<groupId>`. */
export const route = createStore(read());

function read() {
  const [, view, id = null] = location.hash.split('/');
  const nowhere = { view: 'new', sessionId: null, roomId: null, groupId: null };
  if (view === 'chat' && id) return { ...nowhere, view, sessionId: id };
  if (view === 'room' && id) return { ...nowhere, view, roomId: id };
  if (view === 'rooms') return { ...nowhere, view };
  return { ...nowhere, groupId: view === 'new' ? id : null };
}

addEventListener('hashchange', () => route.set(read()));

export const chatAddress = (sessionId) => `#/chat/${sessionId}`;
export const roomAddress = (roomId) => `#/room/${roomId}`;
export const ROOMS_ADDRESS = '#/rooms';
export const newChatAddress = (groupId) => (groupId ? `#/new/${groupId}` : '#/new');

export function goTo(address, { replace = false } = {}) {
  if (location.hash === address) return;
  if (replace) history.replaceState(null, '', address);
  else history.pushState(null, '', address);
  route.set(read());
}

addEventListener('popstate', () => route.set(read()));
