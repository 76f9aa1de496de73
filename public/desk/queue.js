import { call } from '../common/api.js';
import { createStore } from '../common/store.js';
import { load, save } from '../common/storage.js';
import { myId } from './operators.js';
import { inOrder, isInTab, newerChat, passesFilters, queryOf } from './queue-rules.js';

// Every chat that this operator can see and that the page has heard of. What waits and what one holds is always known whole;
// other lists are as the server gave them, and live news moves chats in and out.

const PAGE = 100;
/** Nobody works off a longer queue by looking at it. */
const MOST_PAGES = 5;
/** Searching is the server's work: news only make it look again, after this pause in ms. */
const SEARCH_AGAIN_MS = 700;
export const NO_FILTERS = { state: '', search: '', priority: '', source: '', tag: '' };

/**
 * `view`: what is shown, `{tab, state, search, priority, source, tag}`; `found`: the ids that the server gave for it (null
 * while the lists that are always known do), `next`: its next page.
 */
export const queue = createStore({
  byId: {},
  status: 'loading',
  problem: null,
  view: { tab: load('parley.desk.tab', 'waiting'), ...NO_FILTERS },
  found: null,
  next: null,
});

/** Called with `(chat, before)` when news of a chat come; `before` is undefined for one that was not known. */
const watchers = new Set();
export const onChatNews = (watcher) => watchers.add(watcher);

export const chatOf = (id) => queue.get().byId[id];

let clock = 0;
const touched = new Map();
let reading = 0;
let isReading = false;
let searchTimer;

/** Takes chats as the server tells them. */
export function takeChats(chats) {
  const { byId, view } = queue.get();
  const news = [];
  for (const chat of chats) {
    touched.set(chat.id, ++clock);
    const before = byId[chat.id];
    if (newerChat(before, chat) === chat) news.push([chat, before]);
  }
  if (news.length === 0) return;
  queue.set({ byId: { ...byId, ...Object.fromEntries(news.map(([chat]) => [chat.id, chat])) } });
  for (const watcher of watchers) for (const [chat, before] of news) watcher(chat, before);
  if (view.search && !isReading) searchAgain();
}

export const takeChat = (chat) => takeChats([chat]);

/** Changes what is known of a chat; returns false for one that is not known. */
export function patchChat(id, change) {
  const before = chatOf(id);
  if (!before) return false;
  const patch = typeof change === 'function' ? change(before) : change;
  takeChat({ ...before, ...patch });
  return true;
}

export function dropChat(id) {
  queue.set(({ byId: { [id]: _gone, ...byId } }) => ({ byId }));
}

/** Asks the server for a chat; one that is out of sight now is dropped. */
export async function readChat(id) {
  try {
    takeChat(await call('GET', `/api/chats/${id}`));
  } catch (error) {
    if (error.code !== 'CHAT_NOT_FOUND') throw error;
    dropChat(id);
  }
}

export function forgetQueue() {
  touched.clear();
  clearTimeout(searchTimer);
  reading++;
  queue.set({ byId: {}, status: 'loading', problem: null, found: null, next: null });
}

export function setView(change) {
  const before = queue.get().view;
  const isNewTab = change.tab && change.tab !== before.tab;
  const view = { ...before, ...(isNewTab ? NO_FILTERS : {}), ...change };
  if (isNewTab) save('parley.desk.tab', change.tab === 'waiting' ? null : change.tab);
  queue.set({ view, found: null, next: null });
  clearTimeout(searchTimer);
  void readView();
}

/** Reads all that is shown again: at the start, and after a time without news. @throws RequestError */
export async function readQueue() {
  const since = clock;
  try {
    const [waiting, mine] = await Promise.all([
      readAll({ status: 'waiting' }),
      readAll({ status: 'in_progress', operator_id: myId() }),
    ]);
    takeRead([...waiting, ...mine]);
    const there = new Set([...waiting, ...mine].map(({ id }) => id));
    const isAlwaysRead = (chat) =>
      chat.status === 'waiting' || (chat.status === 'in_progress' && chat.operator_id === myId());
    // What should have been among them and is not has gone out of sight meanwhile, unless news of it came while we read.
    const gone = Object.values(queue.get().byId).filter(
      (chat) => isAlwaysRead(chat) && !there.has(chat.id) && (touched.get(chat.id) ?? 0) <= since,
    );
    await Promise.all(gone.map(({ id }) => readChat(id)));
    queue.set({ status: 'ready', problem: null });
    await readView({ isQuiet: true });
  } catch (error) {
    queue.set(({ status }) => ({ status: status === 'ready' ? 'ready' : 'failed', problem: error }));
    throw error;
  }
}

// What was read is no news that a search had to be repeated for.
function takeRead(chats) {
  isReading = true;
  takeChats(chats);
  isReading = false;
}

async function readAll(query) {
  const all = [];
  for (let page = 1; page <= MOST_PAGES; page++) {
    const part = await call('GET', '/api/chats', { query: { ...query, page, limit: PAGE } });
    all.push(...part);
    if (part.length < PAGE) break;
  }
  return all;
}

const isAlwaysKnown = ({ tab, state, search }) => !search && (tab === 'waiting' || (tab === 'mine' && !state));

async function readView({ isQuiet = false } = {}) {
  const { view, found } = queue.get();
  const turn = ++reading;
  if (isAlwaysKnown(view)) return;
  try {
    const part = await call('GET', '/api/chats', { query: { ...queryOf(view, myId()), limit: PAGE } });
    if (turn !== reading) return;
    takeRead(part);
    const ids = part.map(({ id }) => id);
    const older = isQuiet && found && !view.search ? found.filter((id) => !ids.includes(id)) : [];
    queue.set({ found: [...ids, ...older], next: part.length === PAGE ? 2 : null, problem: null });
  } catch (error) {
    if (turn === reading) queue.set(({ found: known }) => ({ found: known ?? [], problem: error }));
  }
}

/** The next page of what is shown. */
export async function readMore() {
  const { view, next } = queue.get();
  const turn = reading;
  const part = await call('GET', '/api/chats', { query: { ...queryOf(view, myId()), limit: PAGE, page: next } });
  if (turn !== reading) return;
  takeRead(part);
  queue.set(({ found }) => ({
    found: [...new Set([...found, ...part.map(({ id }) => id)])],
    next: part.length === PAGE ? next + 1 : null,
  }));
}

function searchAgain() {
  clearTimeout(searchTimer);
  searchTimer = setTimeout(() => void readView(), SEARCH_AGAIN_MS);
}

/** The chats that are shown now, in their order; null while they are being read. */
export function shownChats({ byId, view, found, status }) {
  const me = myId();
  const all = Object.values(byId);
  const fits = (chat) => isInTab(chat, view, me) && passesFilters(chat, view);
  if (isAlwaysKnown(view)) return status === 'loading' ? null : inOrder(all.filter(fits), view.tab);
  if (found === null) return null;
  if (!view.search) return inOrder(all.filter(fits), view.tab);
  return inOrder(
    found.map((id) => byId[id]).filter((chat) => chat && fits(chat)),
    view.tab,
  );
}

/** How many wait, and how much of one's own is unread. */
export function countsOf({ byId }) {
  const all = Object.values(byId);
  const mine = all.filter((chat) => isInTab(chat, { tab: 'mine' }, myId()));
  return {
    waiting: all.filter(({ status }) => status === 'waiting').length,
    mine: mine.length,
    unread: mine.reduce((sum, { unread_count }) => sum + unread_count, 0),
  };
}
