import { onLive } from '../../common/live.js';
import { makeOutbox } from '../make-outbox.js';

/** What was said in rooms and is not confirmed yet, by room. */
export const roomOutbox = makeOutbox({ name: 'room-outbox', event: 'sendMessage', place: 'chatRoomId' });

onLive('removedFromChatRoom', ({ chatRoomId }) => roomOutbox.drop(chatRoomId));
