import { createStore } from '../common/store.js';

/** The message that is being rewritten, if any. */
export const editing = createStore({ messageId: null });

export const startEditing = (messageId) => editing.set({ messageId });
export const endEditing = () => editing.set({ messageId: null });

/** Starts rewriting what the person said last. */
export function editLast(log) {
  const own = log.messages.findLast(
    ({ role, supersededById, deletedAt }) => role === 'user' && !supersededById && !deletedAt,
  );
  if (own) startEditing(own.id);
}
