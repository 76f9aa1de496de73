import { connection, onLive } from '../../common/live.js';
import { createStore } from '../../common/store.js';

/** The server ends a typing that is not renewed after three seconds; should that news get lost, it falls here, in ms. */
const FALL_MS = 8000;

/** Who types, by room: user ids in the order in which they began. */
export const roomTyping = createStore({ byRoom: {} });

const falls = new Map();

function set(roomId, userId, isTyping) {
  const key = `${roomId} ${userId}`;
  clearTimeout(falls.get(key));
  falls.delete(key);
  if (isTyping)
    falls.set(
      key,
      setTimeout(() => set(roomId, userId, false), FALL_MS),
    );
  roomTyping.set(({ byRoom }) => {
    const others = (byRoom[roomId] ?? []).filter((id) => id !== userId);
    return { byRoom: { ...byRoom, [roomId]: isTyping ? [...others, userId] : others } };
  });
}

export function forgetTyping() {
  for (const timer of falls.values()) clearTimeout(timer);
  falls.clear();
  roomTyping.set({ byRoom: {} });
}

/** Connects the store to the live events; call once. */
export function followTyping() {
  onLive('userTyping', ({ chatRoomId, userId, isTyping }) => set(chatRoomId, userId, isTyping));
  onLive('participantRemoved', ({ chatRoomId, removedUserId }) => set(chatRoomId, removedUserId, false));
  connection.subscribe(({ state }) => {
    if (state !== 'live' && falls.size > 0) forgetTyping();
  });
}
