import { plural, shortTime } from '../../common/format.js';

// How rooms, people and what they do are called. Pure functions.

export const nameOf = (person) => person?.name || 'Somebody';
export const firstNameOf = (person) => nameOf(person).split(/\s+/)[0];

const listOf = new Intl.ListFormat(undefined, { type: 'conjunction' });

/** The other one of a DIRECT room. */
export const partnerOf = (room, me) =>
  room?.type === 'DIRECT' ? room.participants.find(({ userId }) => userId !== me) : undefined;

/** What a person calls a room: its name, else the names of the others. */
export function roomTitle(room, me) {
  if (!room) return 'Room';
  const others = room.participants.filter(({ userId }) => userId !== me);
  if (room.type === 'DIRECT') return nameOf(others[0]?.user);
  if (room.name) return room.name;
  if (others.length === 0) return 'Only you';
  const names = others.slice(0, 3).map(({ user }) => firstNameOf(user));
  return others.length > 3 ? `${names.join(', ')} and ${others.length - 3} more` : listOf.format(names);
}

/** `online`, `last seen 14:05`; empty when nothing is known. */
export function presenceText(state) {
  if (!state) return '';
  if (state.online) return 'online';
  return state.lastSeenAt ? `last seen ${shortTime(state.lastSeenAt)}` : 'offline';
}

/** Under the title of a room. */
export function roomSubtitle(room, me, presence) {
  const partner = partnerOf(room, me);
  if (room.type === 'DIRECT') return partner ? presenceText(presence[partner.userId]) : '';
  const members = plural(room.participants.length, 'member');
  // While the connection is away nothing is known of anybody.
  if (Object.keys(presence).length === 0) return members;
  const online = room.participants.filter(({ userId }) => userId === me || presence[userId]?.online).length;
  return `${members}, ${online} online`;
}

/** `Bob is typing…`; empty when nobody is. */
export function typingText(names) {
  if (names.length === 0) return '';
  if (names.length > 3) return `${names.length} people are typing…`;
  return `${listOf.format(names)} ${names.length === 1 ? 'is' : 'are'} typing…`;
}

/** The last thing that was said, for the list. */
export function lastLine(room, me) {
  const last = room.lastMessage;
  if (!last) return '';
  if (last.role === 'assistant') return `Assistant: ${last.content}`;
  if (last.senderId === me) return `You: ${last.content}`;
  if (room.type === 'DIRECT') return last.content;
  const sender = room.participants.find(({ userId }) => userId === last.senderId);
  return sender ? `${firstNameOf(sender.user)}: ${last.content}` : last.content;
}

export const ROLE_NAMES = { OWNER: 'Owner', ADMIN: 'Admin', MEMBER: 'Member' };

/** Who becomes the owner when `userId` leaves: the longest-standing admin, else member; undefined when an owner stays. */
export function heirOf(room, userId) {
  const rest = room.participants.filter((participant) => participant.userId !== userId);
  if (rest.some(({ role }) => role === 'OWNER')) return undefined;
  return rest.find(({ role }) => role === 'ADMIN') ?? rest[0];
}
