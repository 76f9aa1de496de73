import { html } from '/vendor/preact.js';
import { createStore, useStore } from '../store.js';
import { Icon, IconButton } from './icons.js';

const CALM_MS = 4000;
const ERROR_MS = 10_000;
const toasts = createStore({ items: [] });
let number = 0;

/** Tells something in passing. */
export const toast = (text) => show({ text, kind: 'calm' }, CALM_MS);

/** Tells what went wrong, in the server's words. */
export function toastError(error, what = '') {
  const text = what ? `${what} ${error.message}` : error.message;
  show({ text, kind: 'error', small: error.requestId ? `Request ${error.requestId}` : error.code }, ERROR_MS);
}

function show(item, ms) {
  const id = ++number;
  toasts.set(({ items }) => ({
    items: [...items.filter(({ text }) => text !== item.text).slice(-2), { ...item, id }],
  }));
  setTimeout(() => dismiss(id), ms);
}

const dismiss = (id) => toasts.set(({ items }) => ({ items: items.filter((item) => item.id !== id) }));

export function Toasts() {
  const items = useStore(toasts, (state) => state.items);
  return html`
    <div class="toasts">
      <div role="status">${items.filter(({ kind }) => kind === 'calm').map(draw)}</div>
      <div role="alert">${items.filter(({ kind }) => kind === 'error').map(draw)}</div>
    </div>
  `;
}

function draw({ id, kind, text, small }) {
  return html`
    <div key=${id} class=${`toast ${kind}`}>
      <${Icon} name=${kind === 'error' ? 'alert' : 'check'} />
      <p>${text}${small && html`<small>${small}</small>`}</p>
      <${IconButton} icon="close" label="Dismiss" onClick=${() => dismiss(id)} />
    </div>
  `;
}
