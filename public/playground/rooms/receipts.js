import { useEffect } from '/vendor/preact.js';
import { command, connection, onLive } from '../../common/live.js';
import { useStore } from '../../common/store.js';
import { toMark } from './room-log.js';
import { logOf, lookSoon, markNew, roomLogs } from './room-logs.js';
import { clearUnread, myId, onRoomRead, roomOf, takeRead, touchRoom } from './rooms.js';

// What has come is marked as delivered, what is before somebody's eyes as read. Marks are positions and never go back.

/** The room before the person's eyes: open, in a visible page, at its end. */
let eyesOn = null;
/** The highest numbers that were marked already, by room. */
const delivered = new Map();
const marking = new Set();

const placeOf = (roomId) => roomOf(roomId)?.participants.find(({ userId }) => userId === myId());

/** Tells that a message of somebody else has come. */
export function noteDelivered(chatRoomId, { id: messageId, seq }) {
  if (eyesOn === chatRoomId) return;
  void touchRoom(chatRoomId);
  tellDelivered(chatRoomId, messageId, seq);
}

function tellDelivered(chatRoomId, messageId, seq) {
  const known = Math.max(placeOf(chatRoomId)?.lastDeliveredSeq ?? 0, delivered.get(chatRoomId) ?? 0);
  if (seq <= known || connection.get().state !== 'live') return;
  delivered.set(chatRoomId, seq);
  command('messageDelivered', { chatRoomId, messageId }).catch(() => delivered.delete(chatRoomId));
}

async function tellRead(roomId) {
  if (marking.has(roomId)) return;
  marking.add(roomId);
  try {
    for (;;) {
      const place = placeOf(roomId);
      const message =
        place && eyesOn === roomId ? toMark(logOf(roomId)?.messages ?? [], myId(), place.lastReadSeq) : null;
      if (!message) break;
      await command('messageRead', { chatRoomId: roomId, messageId: message.id });
      takeRead(roomId, myId(), message.seq);
    }
    if (eyesOn === roomId) clearUnread(roomId);
  } catch {
    // The next message, or the connection when it is back, is the next chance.
  } finally {
    marking.delete(roomId);
  }
}

/** Marks a room as read as long as it is shown, its page visible and its end in sight. */
export function useReading(roomId, log, isAtEnd) {
  const isLive = useStore(connection, ({ state }) => state === 'live');
  useEffect(() => {
    const look = () => {
      const isSeen = isAtEnd && !document.hidden && log.isCurrent;
      // Whoever comes back to the page finds "New" before what came meanwhile.
      if (isSeen && eyesOn === null) markNew(roomId);
      eyesOn = isSeen ? roomId : null;
      if (eyesOn && isLive) void tellRead(roomId);
    };
    look();
    document.addEventListener('visibilitychange', look);
    return () => document.removeEventListener('visibilitychange', look);
  }, [roomId, log.messages, log.isCurrent, isAtEnd, isLive]);
  useEffect(() => () => (eyesOn = null), [roomId]);
}

/** Connects receipts to the live events; call once. */
export function followReceipts() {
  onRoomRead(({ id, lastMessage }) => {
    if (lastMessage && lastMessage.senderId !== myId() && eyesOn !== id)
      tellDelivered(id, lastMessage.id, lastMessage.seq);
  });
  onLive('messageRead', ({ chatRoomId, messageId, readBy }) => {
    const message = logOf(chatRoomId)?.messages.find(({ id }) => id === messageId);
    if (message) takeRead(chatRoomId, readBy, message.seq);
    lookSoon(chatRoomId);
  });
  onLive('messageDeliveredConfirmed', ({ messageId }) => {
    // It does not say in which room, nor who: the open one is looked at when the message is an own one of it.
    const { openId } = roomLogs.get();
    if (logOf(openId)?.messages.some(({ id, senderId }) => id === messageId && senderId === myId())) lookSoon(openId);
  });
  connection.subscribe(({ state }) => state !== 'live' && delivered.clear());
}
