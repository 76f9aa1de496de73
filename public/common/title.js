import { createStore } from './store.js';

// The title of the browser's tab: what the page shows, and how much is unread elsewhere.

const title = createStore({ text: '', unread: 0 });

export const titleText = ({ text, unread }) => `${unread > 0 ? `(${unread > 99 ? '99+' : unread}) ` : ''}${text}`;

export const setTitle = (text) => title.set({ text: `${text} – Parley` });
export const setUnreadTotal = (unread) => title.get().unread !== unread && title.set({ unread });

title.subscribe((state) => {
  if (state.text) document.title = titleText(state);
});
