/** Every command that a client may send on `/chat`; each has exactly one handler, checked at start. */
export const CLIENT_EVENTS = [
  'auth:refresh',
  'join',
  'leave',
  'message:send',
  'message:stop',
  'message:regenerate',
  'typing',
  'sync',
  'createChatRoom',
  'updateChatRoom',
  'joinChatRoom',
  'leaveChatRoom',
  'addParticipants',
  'removeParticipant',
  'sendMessage',
  'editMessage',
  'deleteMessage',
  'react',
  'messageDelivered',
  'messageRead',
  'presence',
] as const;

export type ClientEventName = (typeof CLIENT_EVENTS)[number];
