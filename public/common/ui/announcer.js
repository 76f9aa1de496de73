import { html } from '/vendor/preact.js';
import { createStore, useStore } from '../store.js';

const said = createStore({ text: '' });

/** Has a screen reader say something when it is done with what it says now. */
export const announce = (text) => said.set({ text });

export function Announcer() {
  const text = useStore(said, (state) => state.text);
  return html`<div class="offscreen" role="status" aria-live="polite" aria-atomic="true">${text}</div>`;
}
