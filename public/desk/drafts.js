import { ownKey } from '../common/auth.js';
import { load, save } from '../common/storage.js';

/**
 * What was typed for a chat and not sent, `{text, basedOn}`, in this browser; `kind` is `reply` or `note`. `basedOn` is the
 * number up to which the assistant knew the chat when it wrote the text.
 */
export const loadDraft = (kind, chatId) => load(keyOf(kind, chatId), { text: '', basedOn: null });

export const saveDraft = (kind, chatId, draft) => save(keyOf(kind, chatId), draft.text === '' ? null : draft);

const keyOf = (kind, chatId) => ownKey(`desk.${kind}.${chatId}`);
