import { call } from '../common/api.js';
import { createStore } from '../common/store.js';

/** Who works at the desk, by id, and who sits in front of this page. */
export const operators = createStore({ me: null, byId: {} });

export const me = () => operators.get().me;
export const myId = () => operators.get().me?.id ?? null;

/** @throws RequestError FORBIDDEN for somebody who is no operator */
export async function loadMe() {
  takeMe(await call('GET', '/api/operators/me'));
}

export async function loadOperators() {
  const list = await call('GET', '/api/operators');
  const byId = Object.fromEntries(list.map((operator) => [operator.id, operator]));
  operators.set(({ me: known }) => ({ byId, me: (known && byId[known.id]) ?? known }));
}

/** Says whether this operator is there, or how many chats at once. */
export async function setOwn(changes) {
  takeMe(await call('PATCH', '/api/operators/me', { body: changes }));
}

export function takeStatus({ operatorId, status }) {
  operators.set(({ me: known, byId }) => ({
    me: known?.id === operatorId ? { ...known, status } : known,
    byId: byId[operatorId] ? { ...byId, [operatorId]: { ...byId[operatorId], status } } : byId,
  }));
}

export const forgetOperators = () => operators.set({ me: null, byId: {} });

const takeMe = (operator) =>
  operators.set(({ byId }) => ({ me: operator, byId: { ...byId, [operator.id]: operator } }));
