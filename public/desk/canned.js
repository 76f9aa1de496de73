import { call, newKey } from '../common/api.js';
import { createStore } from '../common/store.js';

/** Answers that operators keep at hand, by title. */
export const canned = createStore({ list: [] });

export async function loadCanned() {
  canned.set({ list: await call('GET', '/api/canned-replies') });
}

/** Adds one, or changes the one with this id. */
export async function saveCanned({ id, ...fields }) {
  if (id) await call('PATCH', `/api/canned-replies/${id}`, { body: fields });
  else await call('POST', '/api/canned-replies', { body: fields, key: newKey() });
  await loadCanned();
}

export async function removeCanned(id) {
  await call('DELETE', `/api/canned-replies/${id}`);
  await loadCanned();
}

/** The word after a `/` that is being typed before the caret: `{from, words}`, or null. */
export function wordBeingTyped(text, caret) {
  const found = /(?:^|\s)\/([\p{L}\p{N}_-]{0,50})$/u.exec(text.slice(Math.max(0, caret - 60), caret));
  return found ? { from: caret - found[1].length - 1, words: found[1].toLowerCase() } : null;
}

/** Those whose shortcut begins with the words come first, then those with them in the title. */
export function matching(list, words, most = 8) {
  const byShortcut = list.filter(({ shortcut }) => shortcut?.replace(/^\//, '').toLowerCase().startsWith(words));
  const byTitle = list.filter((reply) => !byShortcut.includes(reply) && reply.title.toLowerCase().includes(words));
  return [...byShortcut, ...byTitle].slice(0, most);
}
