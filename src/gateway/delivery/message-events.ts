import type { DomainEvents, MessageRecord } from '../../events/domain-events.js';
import { toMessageResponse, toUsageResponse } from '../../messages/dto/message.response.dto.js';
import { newRoomMessage, roomReaction, updatedRoomMessage } from './room-events.js';
import { serverEvent, type ServerEvent } from '../contract/server-events.js';

/** How the native dialect tells changes of messages. */

export const newMessageEvents = (message: MessageRecord): ServerEvent[] => [
  message.kind === 'room' ? newRoomMessage(message) : serverEvent('message:new', toMessageResponse(message)),
];

export function updatedMessageEvents(message: MessageRecord, isFinished: boolean): ServerEvent[] {
  if (message.kind === 'room') return [updatedRoomMessage(message)];
  const update = serverEvent('message:update', toMessageResponse(message));
  if (!isFinished) return [update];
  const usage = toUsageResponse(message);
  return [
    update,
    serverEvent('message:done', {
      messageId: message.id,
      sessionId: message.conversationId,
      status: message.status,
      ...(usage ? { usage } : {}),
      ...(message.errorCode === null ? {} : { error: { code: message.errorCode } }),
    }),
  ];
}

export const reactionEvents = (event: DomainEvents['message.reacted']): ServerEvent[] =>
  event.message.kind === 'room' ? [roomReaction(event)] : updatedMessageEvents(event.message, false);

export function deltaEvent({ conversationId, messageId, delta, offset }: DomainEvents['answer.delta']): ServerEvent {
  return serverEvent(
    'message:stream',
    { messageId, sessionId: conversationId, delta, offset },
    { seq: 0, offset: offset + delta.length },
  );
}

/** The events for a change after number `since` that was read from the database, because the live one never came. */
export function repairedEvents(message: MessageRecord, since: number): ServerEvent[] {
  const isFinished = message.role === 'assistant' && message.status !== 'streaming' && message.supersededById === null;
  const [update, done] = updatedMessageEvents(message, isFinished && message.changeSeq > message.seq) as [
    ServerEvent,
    ServerEvent?,
  ];
  const first = message.seq > since ? newMessageEvents(message) : [update];
  return done ? [...first, done] : first;
}
