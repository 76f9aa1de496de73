import { createStore } from '../common/store.js';

/** What the field below a chat is for: `reply` or `note`. A new `focus` calls the focus there, a new `draft` has the assistant write. */
export const composing = createStore({ mode: 'reply', focus: null, draft: null });
