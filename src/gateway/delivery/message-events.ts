import type { DomainEvents, MessageRecord } from '../../events/domain-events.js';
import { conversationRef, toMessageResponse, toUsageResponse } from '../../messages/dto/message.response.dto.js';
import { newRoomMessage, roomReaction, updatedRoomMessage } from './room-events.js';
import { serverEvent, type ServerEvent } from '../contract/server-events.js';

/** How the native dialect tells changes of messages. */

/** What the assistant says in a room is told twice: as all that is said there, and as its answers are everywhere. */
const isAnswer = ({ kind, role }: MessageRecord): boolean => kind !== 'room' || role === 'assistant';

export const newMessageEvents = (message: MessageRecord): ServerEvent[] => [
  ...(message.kind === 'room' ? [newRoomMessage(message)] : []),
  ...(isAnswer(message) ? [serverEvent('message:new', toMessageResponse(message))] : []),
];

export const updatedMessageEvents = (message: MessageRecord, isFinished: boolean): ServerEvent[] => [
  ...(message.kind === 'room' ? [updatedRoomMessage(message)] : []),
  ...(isAnswer(message) ? [serverEvent('message:update', toMessageResponse(message))] : []),
  ...(isAnswer(message) && isFinished ? [doneEvent(message)] : []),
];

function doneEvent(message: MessageRecord): ServerEvent {
  const { id: messageId, kind, conversationId, status, errorCode } = message;
  const usage = toUsageResponse(message);
  return serverEvent('message:done', {
    messageId,
    ...conversationRef(kind, conversationId),
    status,
    ...(usage ? { usage } : {}),
    ...(errorCode === null ? {} : { error: { code: errorCode } }),
  });
}

export const reactionEvents = (event: DomainEvents['message.reacted']): ServerEvent[] =>
  event.message.kind === 'room' ? [roomReaction(event)] : updatedMessageEvents(event.message, false);

export function deltaEvent({
  conversationId,
  kind,
  messageId,
  delta,
  offset,
}: DomainEvents['answer.delta']): ServerEvent {
  const payload = { messageId, ...conversationRef(kind, conversationId), delta, offset };
  return serverEvent('message:stream', payload, { seq: 0, offset: offset + delta.length });
}

/** The events for a change after number `since` that was read from the database, because the live one never came. */
export function repairedEvents(message: MessageRecord, since: number): ServerEvent[] {
  const hasEnd = message.role === 'assistant' && message.status !== 'streaming' && message.supersededById === null;
  const isFinished = hasEnd && isAnswer(message) && message.changeSeq > message.seq;
  const told = message.seq > since ? newMessageEvents(message) : updatedMessageEvents(message, false);
  return isFinished ? [...told, doneEvent(message)] : told;
}
