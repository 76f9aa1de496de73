import type { ChatRoomView } from '../../chat-rooms/chat-room.js';
import type { ParticipantResponse } from '../../chat-rooms/dto/chat-room.response.dto.js';
import type { MessageResponse } from '../../messages/dto/message.response.dto.js';
import { serverEvent, type ServerEvent } from '../contract/server-events.js';
import { toSharedRoom } from './room-events.js';

/** What changed in a room, as a sync tells it. */
export interface RoomChanges {
  messages: readonly MessageResponse[];
  participants: readonly ParticipantResponse[];
  /** The room, when its settings changed. */
  room: ChatRoomView | null;
}

export interface NumberedEvent {
  seq: number;
  event: ServerEvent;
}

/**
 * What changed after number `since` as events in the order of the numbers, for readers that the live ones did not reach: each
 * thing that changed is told once, as it is now.
 */
export function changedRoomEvents(chatRoomId: string, since: number, changes: RoomChanges): NumberedEvent[] {
  const { messages, participants, room } = changes;
  const told: NumberedEvent[] = [
    ...messages.flatMap((message) =>
      changesOfMessage(chatRoomId, message, since).map((event) => ({ seq: message.changeSeq, event })),
    ),
    ...[...Map.groupBy(participants, ({ changeSeq }) => changeSeq)].map(([seq, places]) => ({
      seq,
      event: serverEvent('participantsChanged', { chatRoomId, from: seq, changeSeq: seq, participants: places }),
    })),
  ];
  if (room) {
    const { changeSeq, updatedAt } = room;
    const updated = { chatRoomId, updatedChatRoom: toSharedRoom(room), updatedBy: null, changeSeq };
    const event = serverEvent('chatRoomUpdated', { ...updated, updatedAt: updatedAt.toISOString() });
    told.push({ seq: changeSeq, event });
  }
  // A message comes before what it made of its sender's place.
  return told.sort((one, other) => one.seq - other.seq);
}

function changesOfMessage(chatRoomId: string, message: MessageResponse, since: number): ServerEvent[] {
  const told = changeOfMessage(chatRoomId, message, since);
  const { id: messageId, seq, changeSeq, role, status, usage, error, supersededById } = message;
  if (role !== 'assistant') return told;
  // What the assistant says is told as its answers are everywhere, too.
  const answer = serverEvent(seq > since ? 'message:new' : 'message:update', message);
  if (status === 'streaming' || changeSeq === seq || supersededById !== undefined) return [...told, answer];
  const done = { messageId, chatRoomId, status, ...(usage ? { usage } : {}), ...(error ? { error } : {}) };
  return [...told, answer, serverEvent('message:done', done)];
}

/** Whole first: a reader that was cut off while it caught up may not have been told of a message that came before its number. */
function changeOfMessage(chatRoomId: string, message: MessageResponse, since: number): ServerEvent[] {
  const { id: messageId, seq, changeSeq, deletedAt } = message;
  if (seq > since) return [serverEvent('newMessage', { chatRoomId, message })];
  const updated = serverEvent('messageUpdated', { chatRoomId, message });
  // Clients that know deletes by their own event alone hear of this one, too.
  return deletedAt
    ? [updated, serverEvent('messageDeleted', { chatRoomId, messageId, changeSeq, deletedAt })]
    : [updated];
}
