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
