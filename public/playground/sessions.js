import { call, callList, newKey } from '../common/api.js';
import { onLive } from '../common/live.js';
import { createStore } from '../common/store.js';

/** `status`: idle | loading | ready | failed. `order` holds ids, latest activity first. */
export const sessions = createStore(empty());

/** The models that can answer, as `/ai/models` groups them. */
export const models = createStore({ byProvider: [] });

/** Tabs tell each other of groups; the server tells of sessions. */
const tabs = 'BroadcastChannel' in globalThis ? new BroadcastChannel('parley.sessions') : null;
tabs?.addEventListener('message', () => void refreshSessions());

function empty() {
  return { status: 'idle', byId: {}, order: [], groups: [], nextCursor: null, archived: false, problem: null };
}

export const forgetSessions = () => sessions.set(empty());

/** Reads groups and the newest page of sessions; never throws, `status` and `problem` tell. */
export async function loadSessions({ archived = sessions.get().archived } = {}) {
  sessions.set({
    status: 'loading',
    archived,
    problem: null,
    ...(archived === sessions.get().archived ? {} : { order: [] }),
  });
  try {
    const [groups, page] = await Promise.all([loadAllGroups(), callList('/sessions', { limit: 100, archived })]);
    if (sessions.get().archived !== archived) return;
    keep(page.items);
    const further = furtherPages(page);
    const nextCursor = further.length > 0 ? sessions.get().nextCursor : page.nextCursor;
    const order = byActivity([...page.items.map(({ id }) => id), ...further]);
    sessions.set({ status: 'ready', groups, nextCursor, order });
  } catch (error) {
    sessions.set({ status: 'failed', problem: error });
  }
}

// What "show more" has brought stays when the newest page is read again.
function furtherPages({ items, nextCursor }) {
  const { order, byId } = sessions.get();
  const end = items.at(-1)?.updatedAt;
  return nextCursor ? order.filter((id) => byId[id]?.updatedAt < end) : [];
}

async function loadAllGroups() {
  const groups = [];
  for (let cursor; ;) {
    const page = await callList('/groups', { limit: 100, cursor });
    groups.push(...page.items);
    if (!page.nextCursor) return groups.sort((a, b) => a.name.localeCompare(b.name));
    cursor = page.nextCursor;
  }
}

/** Looks for changes that another device made; what is shown stays until they are here. */
export async function refreshSessions() {
  if (sessions.get().status === 'ready') await loadSessions();
}

export async function loadMoreSessions() {
  const { archived, nextCursor } = sessions.get();
  const page = await callList('/sessions', { limit: 100, archived, cursor: nextCursor });
  keep(page.items);
  sessions.set(({ order }) => ({
    nextCursor: page.nextCursor,
    order: byActivity([...new Set([...order, ...page.items.map(({ id }) => id)])]),
  }));
}

function keep(items) {
  sessions.set(({ byId }) => ({ byId: { ...byId, ...Object.fromEntries(items.map((item) => [item.id, item])) } }));
}

function byActivity(ids) {
  const { byId } = sessions.get();
  return ids.filter((id) => byId[id]).sort((a, b) => byId[b].updatedAt.localeCompare(byId[a].updatedAt));
}

/** Takes a session as the server now has it, and lists it where it belongs. */
export function takeSession(session) {
  keep([{ ...sessions.get().byId[session.id], ...session }]);
  sessions.set(({ order, archived }) => {
    const others = order.filter((id) => id !== session.id);
    return { order: session.isArchived === archived ? byActivity([session.id, ...others]) : others };
  });
  return session;
}

export async function fetchSession(id) {
  return takeSession(await call('GET', `/sessions/${id}`));
}

/** Moves a session to the top, because something was said in it. */
export function touchSession(id, at) {
  const session = sessions.get().byId[id];
  if (session && session.updatedAt < at) takeSession({ ...session, updatedAt: at });
  else if (!session) void fetchSession(id).catch(() => {});
}

export async function createSession(fields) {
  return takeSession(await call('POST', '/sessions', { body: fields, key: newKey() }));
}

export async function changeSession(id, changes) {
  return takeSession(await call('PATCH', `/sessions/${id}`, { body: changes }));
}

export async function removeSession(id) {
  await call('DELETE', `/sessions/${id}`);
  dropSession(id);
}

/** Takes a session that is gone off the list. */
export function dropSession(id) {
  sessions.set(({ byId, order }) => {
    const { [id]: gone, ...rest } = byId;
    return { byId: rest, order: order.filter((other) => other !== id) };
  });
}

export async function createGroup(name) {
  const group = await call('POST', '/groups', { body: { name }, key: newKey() });
  setGroups([...sessions.get().groups, group]);
  return group;
}

export async function renameGroup(id, name) {
  const group = await call('PATCH', `/groups/${id}`, { body: { name } });
  setGroups(sessions.get().groups.map((other) => (other.id === id ? group : other)));
}

export async function removeGroup(id) {
  await call('DELETE', `/groups/${id}`);
  setGroups(sessions.get().groups.filter((group) => group.id !== id));
  const { byId } = sessions.get();
  keep(
    Object.values(byId)
      .filter(({ groupId }) => groupId === id)
      .map((session) => ({ ...session, groupId: null })),
  );
}

function setGroups(groups) {
  sessions.set({ groups: [...groups].sort((a, b) => a.name.localeCompare(b.name)) });
  tellTabs();
}

function tellTabs() {
  tabs?.postMessage('changed');
}

/** Keeps the list as the person's other devices change it; call once. */
export function followSessionEvents() {
  const reread = ({ sessionId }) => void fetchSession(sessionId).catch(() => {});
  onLive('session:created', reread);
  onLive('session:updated', reread);
  onLive('session:deleted', ({ sessionId }) => dropSession(sessionId));
}

/** Which provider offers a model. */
export const providerOf = (model) =>
  models.get().byProvider.find((entry) => entry.models.some(({ id }) => id === model))?.provider;

export async function loadModels() {
  const { modelsByProvider } = await call('GET', '/ai/models');
  models.set({ byProvider: modelsByProvider });
}

export const titleOf = (session) => session?.title || 'New chat';
