import { createStore } from '../common/store.js';
import { load, save } from '../common/storage.js';

const COMMAND = /Mac|iP(hone|ad)/.test(navigator.platform) ? '⌘' : 'Ctrl';

export const SHORTCUTS = [
  { keys: ['Enter'], does: 'Send the message' },
  { keys: ['Shift', 'Enter'], does: 'New line' },
  { keys: ['↑'], does: 'Edit your last message (when the field is empty)' },
  { keys: ['Esc'], does: 'Stop the answer' },
  { keys: [COMMAND, 'K'], does: 'Search' },
  { keys: [COMMAND, 'Shift', 'O'], does: 'New chat' },
  { keys: ['Alt', '↑'], does: 'Previous chat' },
  { keys: ['Alt', '↓'], does: 'Next chat' },
  { keys: [COMMAND, 'Shift', 'E'], does: 'Developer panel' },
  { keys: ['?'], does: 'This list' },
];

/** People whose software types single keys can switch them off. */
export const shortcuts = createStore({ isOn: load('parley.shortcuts', true) });

export function setShortcutsOn(isOn) {
  shortcuts.set({ isOn });
  save('parley.shortcuts', isOn ? null : false);
}
