import type { ChatRoomRecord, ParticipantRecord, RoomChanges } from '../chat-rooms/chat-room.js';
import type { MessageRecord } from '../events/domain-events.js';

/** One page of what changed in a conversation, whole up to number `until`. */
export interface ChangesPage {
  until: number;
  /** By `changeSeq`. */
  messages: MessageRecord[];
  /** Of a room: places of people, by `changeSeq`. */
  participants?: ParticipantRecord[];
  /** Of a room: its settings, when they changed. */
  chatRoom?: ChatRoomRecord;
}

const MOST_MESSAGES = 500;
/** A page ends with the message that goes beyond this many UTF-16 units, so that slow readers can take it too. */
const LONGEST_PAGE = 128 * 1024;

/** So many messages are to be read for a page, to see whether there are more. */
export const READ_FOR_PAGE = MOST_MESSAGES + 1;

/**
 * Cuts what was read to a page that leaves nothing out. `ofRoom` was read after `head` and may know of later changes: they are
 * told with their numbers, later. Every kind of change that is read by its number has its place here.
 */
export function pageOfChanges(head: number, found: readonly MessageRecord[], ofRoom: RoomChanges | null): ChangesPage {
  const messages = firstOf(found);
  const ends = [head];
  if (messages.length < found.length) ends.push(messages.at(-1)?.changeSeq ?? 0);
  if (ofRoom && !ofRoom.isAll) ends.push(ofRoom.participants.at(-1)?.changeSeq ?? head);
  const until = Math.min(...ends);
  const isInPage = ({ changeSeq }: { changeSeq: number }): boolean => changeSeq <= until;
  return {
    until,
    messages: messages.filter(isInPage),
    ...(ofRoom ? { participants: ofRoom.participants.filter(isInPage) } : {}),
    ...(ofRoom?.room && isInPage(ofRoom.room) ? { chatRoom: ofRoom.room } : {}),
  };
}

/** The first messages, fewer when they are long; at least one. */
function firstOf(messages: readonly MessageRecord[]): MessageRecord[] {
  let length = 0;
  const end = messages.findIndex((message) => (length += message.content.length) > LONGEST_PAGE);
  return messages.slice(0, Math.min(MOST_MESSAGES, end < 0 ? MOST_MESSAGES : end + 1));
}
