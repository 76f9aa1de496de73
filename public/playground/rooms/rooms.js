import { call, callList, newKey } from '../../common/api.js';
import { auth } from '../../common/auth.js';
import { onLive } from '../../common/live.js';
import { createStore } from '../../common/store.js';
import { setUnreadTotal } from '../../common/title.js';
import { learnPresence } from './presence.js';
import { withPlaces, withRead, withRoom } from './room-log.js';

/** `status`: idle | loading | ready | failed. `order` holds ids, latest activity first. */
export const rooms = createStore(empty());

/** The tabs of one browser tell each other what was read. */
const tabs = 'BroadcastChannel' in globalThis ? new BroadcastChannel('parley.rooms') : null;
tabs?.addEventListener('message', ({ data }) => touchRoom(data));

/** Rooms that are being read again, and whether that must be done once more afterwards. */
const reading = new Map();
/** Called with each room that was read from the server. */
const watchers = new Set();
export const onRoomRead = (watcher) => watchers.add(watcher);

function empty() {
  return { status: 'idle', byId: {}, order: [], nextCursor: null, problem: null };
}

export const forgetRooms = () => rooms.set(empty());
export const myId = () => auth.get().user?.id;
export const roomOf = (id) => rooms.get().byId[id];

/** Unread messages of all rooms that are not archived. */
export const unreadTotal = ({ byId }) =>
  Object.values(byId).reduce((sum, { unreadCount, isArchived }) => sum + (isArchived ? 0 : unreadCount), 0);

rooms.subscribe((state) => setUnreadTotal(unreadTotal(state)));

/** Reads the newest page of rooms; never throws, `status` and `problem` tell. */
export async function loadRooms() {
  if (rooms.get().status !== 'ready') rooms.set({ status: 'loading', problem: null });
  try {
    const { items, nextCursor } = await callList('/chat-rooms', { limit: 100 });
    const end = items.at(-1)?.updatedAt;
    // What "show more" has brought stays; what is missing from this page is gone.
    const further = nextCursor ? Object.values(rooms.get().byId).filter(({ updatedAt }) => updatedAt < end) : [];
    const known = rooms.get().byId;
    const fresh = items.map((room) => withRoom(known[room.id], room, myId()));
    const byId = Object.fromEntries([...further, ...fresh].map((room) => [room.id, room]));
    rooms.set({ status: 'ready', problem: null, byId, order: byActivity(byId), nextCursor });
    items.forEach(wasRead);
  } catch (problem) {
    if (rooms.get().status !== 'ready') rooms.set({ status: 'failed', problem });
  }
}

export async function loadMoreRooms() {
  const { items, nextCursor } = await callList('/chat-rooms', { limit: 100, cursor: rooms.get().nextCursor });
  rooms.set({ nextCursor });
  for (const room of items) takeRoom(room);
}

const byActivity = (byId) =>
  Object.values(byId)
    .sort((a, b) => b.updatedAt.localeCompare(a.updatedAt))
    .map(({ id }) => id);

/** Takes a room as the server now has it. */
export function takeRoom(room) {
  change(room.id, (before) => withRoom(before, room, myId()));
  wasRead(roomOf(room.id));
  return room;
}

function wasRead(room) {
  void learnPresence(room.participants.map(({ userId }) => userId));
  for (const watcher of watchers) watcher(room);
}

function change(id, next) {
  rooms.set(({ byId }) => {
    const room = next(byId[id]);
    if (!room) return null;
    const rest = { ...byId, [id]: room };
    return { byId: rest, order: byActivity(rest) };
  });
}

/** Changes what is known of a room, if anything is. */
export const patchRoom = (id, next) => change(id, (room) => room && { ...room, ...next(room) });

export function dropRoom(id) {
  rooms.set(({ byId }) => {
    const { [id]: gone, ...rest } = byId;
    return gone ? { byId: rest, order: byActivity(rest) } : null;
  });
}

/** @throws RequestError CHAT_ROOM_NOT_FOUND among others */
export async function fetchRoom(id) {
  return takeRoom(await call('GET', `/chat-rooms/${id}`));
}

/** Reads a room again soon, however many reasons there are for it at once. */
export async function touchRoom(id) {
  if (reading.has(id)) {
    reading.set(id, true);
    return;
  }
  for (let again = true; again; again = reading.get(id)) {
    reading.set(id, false);
    try {
      await fetchRoom(id);
    } catch (error) {
      if (error.code === 'CHAT_ROOM_NOT_FOUND') dropRoom(id);
    }
  }
  reading.delete(id);
}

/** Something was said in the room that is open: the list need not be read again for that. */
export function takeLast(roomId, { id, seq, role, senderId, content, createdAt }) {
  patchRoom(roomId, (room) =>
    room.lastMessage && room.lastMessage.seq > seq
      ? null
      : {
          lastMessage: { id, seq, role, senderId, content: content.slice(0, 200), createdAt },
          updatedAt: room.updatedAt < createdAt ? createdAt : room.updatedAt,
        },
  );
}

export const takePlaces = (roomId, changed) =>
  patchRoom(roomId, (room) => ({ participants: withPlaces(room.participants, changed) }));

/** Somebody has read a room up to a number. */
export function takeRead(roomId, userId, seq) {
  patchRoom(roomId, (room) => ({ participants: withRead(room.participants, userId, seq) }));
}

/** This person has seen everything; the other tabs look again. */
export function clearUnread(roomId) {
  if (!roomOf(roomId)?.unreadCount) return;
  patchRoom(roomId, () => ({ unreadCount: 0 }));
  tabs?.postMessage(roomId);
}

export async function createRoom(fields) {
  return takeRoom(await call('POST', '/chat-rooms', { body: fields, key: newKey() }));
}

export async function changeRoom(id, changes) {
  return takeRoom(await call('PATCH', `/chat-rooms/${id}`, { body: changes }));
}

export async function addPeople(id, participantIds) {
  return takeRoom(await call('POST', `/chat-rooms/${id}/participants`, { body: { participantIds }, key: newKey() }));
}

export async function changeRole(id, userId, role) {
  return takeRoom(await call('PATCH', `/chat-rooms/${id}/participants/${userId}`, { body: { role } }));
}

/** Takes somebody out; with the own id the person leaves. */
export async function removePerson(id, userId) {
  await call('DELETE', `/chat-rooms/${id}/participants/${userId}`);
  if (userId === myId()) dropRoom(id);
  else await fetchRoom(id);
}

export async function removeRoom(id) {
  await call('DELETE', `/chat-rooms/${id}`);
  dropRoom(id);
}

/** People of this server one of whose names has these letters: `{id, name}`. */
export const findPeople = async (search) => (await callList('/users', { search, limit: 20 })).items;

/** Keeps the list as the events tell; call once. */
export function followRoomEvents() {
  onLive('ready', () => void loadRooms());
  onLive('chatRoomCreated', ({ chatRoom }) => takeRoom(chatRoom));
  onLive('addedToChatRoom', ({ chatRoomId }) => void touchRoom(chatRoomId));
  onLive('chatUpdated', ({ chatRoomId }) => void touchRoom(chatRoomId));
  onLive('chatRoomUpdated', ({ chatRoomId, updatedChatRoom }) => patchRoom(chatRoomId, () => updatedChatRoom));
  onLive('participantsAdded', ({ chatRoomId, newParticipants }) => {
    takePlaces(chatRoomId, newParticipants);
    void learnPresence(newParticipants.map(({ userId }) => userId));
  });
  onLive('participantRemoved', ({ chatRoomId, removedUserId }) =>
    patchRoom(chatRoomId, ({ participants }) => ({
      participants: participants.filter(({ userId }) => userId !== removedUserId),
    })),
  );
  onLive('removedFromChatRoom', ({ chatRoomId }) => dropRoom(chatRoomId));
}
