import { useRef } from '/vendor/preact.js';
import { callList } from '../common/api.js';
import { createStore, useStore } from '../common/store.js';
import { searchMessages } from './conversations.js';

/** Time without a keystroke after which the server is asked, in ms. */
const PAUSE_MS = 250;

/** `found` is null while nothing has come yet. */
export const search = createStore({ words: '', status: 'idle', found: null, problem: null });

/** The message that a search result leads to; its conversation scrolls to it. */
export const sought = createStore({ message: null });

export const seekMessage = (message) => sought.set({ message });
export const clearSearch = () => search.set({ words: '', status: 'idle', found: null });

export function useSearch() {
  const words = useStore(search, (state) => state.words);
  const timer = useRef();
  const change = (next) => {
    search.set({ words: next, found: next ? search.get().found : null });
    clearTimeout(timer.current);
    if (next.trim()) timer.current = setTimeout(() => void look(next.trim()), PAUSE_MS);
  };
  return { words, change };
}

async function look(words) {
  search.set({ status: 'searching' });
  try {
    const [page, messages] = await Promise.all([
      callList('/sessions', { search: words, limit: 20 }),
      searchMessages(words),
    ]);
    if (search.get().words.trim() === words) search.set({ status: 'ready', found: { sessions: page.items, messages } });
  } catch (problem) {
    if (search.get().words.trim() === words) search.set({ status: 'failed', problem });
  }
}
