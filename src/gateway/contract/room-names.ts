/** Names of audiences; nobody spells them by hand. */
export const conversationRoom = (conversationId: string): string => `conversation:${conversationId}`;
export const userRoom = (userId: string): string => `user:${userId}`;
export const signInRoom = (signInId: string): string => `${SIGN_IN}${signInId}`;

const SIGN_IN = 'sign-in:';

/** The sign-in whose room this is, or null. */
export const signInOf = (room: string): string | null => (room.startsWith(SIGN_IN) ? room.slice(SIGN_IN.length) : null);
