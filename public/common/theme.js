import { createStore } from './store.js';
import { load, save } from './storage.js';

const KEY = 'parley.theme';

/** `choice`: system | light | dark. `theme-boot.js` applies the kept one before the first paint. */
export const theme = createStore({ choice: load(KEY, 'system') });

export function chooseTheme(choice) {
  theme.set({ choice });
  save(KEY, choice === 'system' ? null : choice);
  if (choice === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = choice;
}
