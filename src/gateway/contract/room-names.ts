/** Names of audiences; nobody spells them by hand. */
export const conversationRoom = (conversationId: string): string => `conversation:${conversationId}`;
export const userRoom = (userId: string): string => `user:${userId}`;
export const signInRoom = (signInId: string): string => `sign-in:${signInId}`;
