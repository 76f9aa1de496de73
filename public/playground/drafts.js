import { ownKey } from '../common/auth.js';
import { load, save } from '../common/storage.js';

/** What was typed and not sent, by session id (`new` for a chat that does not exist yet). */
export const loadDraft = (place) => load(ownKey(`draft.${place}`), '');
export const saveDraft = (place, text) => save(ownKey(`draft.${place}`), text === '' ? null : text);
