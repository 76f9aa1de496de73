import { announce } from '../../common/ui/announcer.js';
import { call } from '../../common/api.js';
import { RequestError } from '../../common/errors.js';
import { connection, onLive } from '../../common/live.js';
import { withDelta, withEnd, withMessage } from '../conversation-log.js';
import { followPresence, forgetPresence } from './presence.js';
import { followReceipts, noteDelivered } from './receipts.js';
import { withDeleted, withNumbers, withReactions } from './room-log.js';
import { catchUp, changeLog, failLog, forgetRoomLogs, isOpen, logOf, lookSoon, roomLogs } from './room-logs.js';
import { roomOutbox } from './room-outbox.js';
import { followTyping, forgetTyping } from './room-typing.js';
import { firstNameOf } from './room-words.js';
import { followRoomEvents, forgetRooms, myId, roomOf, takeLast, takePlaces, touchRoom } from './rooms.js';

/** Puts one change into a log; what a jump in the numbers hides is looked up soon. */
function apply(id, step) {
  if (logOf(id)?.cursor == null) return;
  let isGap = false;
  changeLog(id, (log) => {
    const next = step(log);
    isGap = next.isGap;
    return next.log;
  });
  if (isGap && isOpen(id)) lookSoon(id);
}

/** Takes a message as the server now has it. */
export function takeMessage(message) {
  const id = message.chatRoomId ?? message.conversationId;
  roomOutbox.settle(id, message);
  apply(id, (log) => withMessage(log, message));
}

function takeNew({ chatRoomId, message }) {
  const isNews = !logOf(chatRoomId)?.messages.some(({ id }) => id === message.id);
  takeMessage(message);
  takeLast(chatRoomId, message);
  if (message.senderId === myId() || !isNews) return;
  noteDelivered(chatRoomId, message);
  if (isOpen(chatRoomId) && message.status !== 'streaming') announce(spoken(message));
}

const speakerOf = ({ role, sender }) => (role === 'assistant' ? 'Assistant' : firstNameOf(sender));
const spoken = (message) => `${speakerOf(message)}: ${message.content.slice(0, 600)}`;

export async function editMessage(message, content) {
  takeMessage(await call('PATCH', `/messages/${message.id}`, { body: { content } }));
}

export async function deleteMessage(message) {
  takeMessage(await call('DELETE', `/messages/${message.id}`));
}

/** Puts an emoji on a message, or takes it off again. */
export async function react(message, emoji, isOn) {
  const path = `/messages/${message.id}/reactions/${encodeURIComponent(emoji)}`;
  takeMessage(await call(isOn ? 'POST' : 'DELETE', path));
}

export const stopAnswer = (message) => call('POST', `/messages/${message.id}/stop`);

export function forgetAllOfRooms() {
  forgetRooms();
  forgetRoomLogs();
  forgetPresence();
  forgetTyping();
  roomOutbox.forget();
}

/** Connects everything about rooms to the live events; call once. */
export function followRooms() {
  followRoomEvents();
  followPresence();
  followTyping();
  followReceipts();
  roomOutbox.onStored((message) => {
    takeMessage(message);
    takeLast(message.chatRoomId, message);
  });
  onLive('ready', () => {
    const { openId } = roomLogs.get();
    if (openId) void catchUp(openId);
  });
  onLive('newMessage', takeNew);
  onLive('messageUpdated', ({ message }) => {
    takeMessage(message);
    if (roomOf(message.chatRoomId)?.lastMessage?.id === message.id) takeLast(message.chatRoomId, message);
  });
  onLive('messageDeleted', (deletion) => {
    apply(deletion.chatRoomId, (log) => withDeleted(log, deletion));
    if (roomOf(deletion.chatRoomId)?.lastMessage?.id === deletion.messageId) void touchRoom(deletion.chatRoomId);
  });
  onLive('messageReaction', (change) => apply(change.chatRoomId, (log) => withReactions(log, change)));
  onLive('participantsChanged', (change) => {
    takePlaces(change.chatRoomId, change.participants);
    apply(change.chatRoomId, (log) => withNumbers(log, change));
  });
  for (const event of ['chatRoomUpdated', 'participantsAdded', 'participantRemoved'])
    onLive(event, (change) => apply(change.chatRoomId, (log) => withNumbers(log, change)));
  onLive('removedFromChatRoom', ({ chatRoomId }) =>
    failLog(chatRoomId, new RequestError({ code: 'CHAT_ROOM_NOT_FOUND', message: 'No such chat room.' })),
  );
  followAnswers();
}

// The assistant's answers in rooms come with the events of sessions.
function followAnswers() {
  const idOf = ({ chatRoomId, sessionId, conversationId }) => chatRoomId ?? conversationId ?? sessionId;
  for (const event of ['message:new', 'message:update'])
    onLive(event, (message) => {
      if (message.chatRoomId) takeNew({ chatRoomId: message.chatRoomId, message });
    });
  onLive('message:stream', (piece) => {
    const id = idOf(piece);
    const log = logOf(id);
    if (log?.status !== 'ready') return;
    const next = withDelta(log, piece);
    if (next.log !== log) changeLog(id, next.log);
    if (next.isGap && isOpen(id) && connection.get().state === 'live') void catchUp(id);
  });
  onLive('message:done', (end) => {
    const id = idOf(end);
    if (!logOf(id)) return;
    changeLog(id, (log) => withEnd(log, end));
    const answer = logOf(id).messages.find((message) => message.id === end.messageId);
    if (answer && isOpen(id)) announce(spoken(answer));
  });
}
