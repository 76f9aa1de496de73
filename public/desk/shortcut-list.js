import { createStore } from '../common/store.js';
import { load, save } from '../common/storage.js';

const COMMAND = /Mac|iP(hone|ad)/.test(navigator.platform) ? '⌘' : 'Ctrl';

export const SHORTCUTS = [
  { keys: ['Enter'], does: 'Send the reply or save the note' },
  { keys: ['Shift', 'Enter'], does: 'New line' },
  { keys: ['/'], does: 'Insert a canned reply (in the field)' },
  { keys: ['Esc'], does: 'Leave the field' },
  { keys: [COMMAND, 'K'], does: 'Search chats' },
  { keys: ['Alt', '↑'], does: 'Previous chat' },
  { keys: ['Alt', '↓'], does: 'Next chat' },
  { keys: ['1', '2', '3'], does: 'Waiting, mine, all' },
  { keys: ['T'], does: 'Take the open chat' },
  { keys: ['R'], does: 'Write a reply' },
  { keys: ['N'], does: 'Write a note' },
  { keys: ['D'], does: 'Have the assistant draft a reply' },
  { keys: ['E'], does: 'Close the open chat' },
  { keys: ['P'], does: 'Pin or unpin the open chat' },
  { keys: ['?'], does: 'This list' },
];

const KEY = 'parley.shortcuts';

/** People whose software types single keys can switch them off. */
export const shortcuts = createStore({ isOn: load(KEY, true) });

export function setShortcutsOn(isOn) {
  shortcuts.set({ isOn });
  save(KEY, isOn ? null : false);
}
