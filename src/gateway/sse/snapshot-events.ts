import type { MessageResponse } from '../../messages/dto/message.response.dto.js';
import { serverEvent, type ServerEvent } from '../contract/server-events.js';
import type { WatchSnapshot } from '../delivery/watch.service.js';
import type { StreamCursor } from './stream-formats.js';

/** Tells a snapshot as the events that a reader at `cursor` missed. */
export function snapshotEvents(sessionId: string, snapshot: WatchSnapshot, cursor: StreamCursor): ServerEvent[] {
  const since = snapshot.reset ? 0 : cursor.since;
  const reset = snapshot.reset ? [serverEvent('reset', { sessionId }, { seq: 0, offset: 0 })] : [];
  const events: ServerEvent[] = [
    ...reset,
    ...snapshot.messages.flatMap((message) => changeEvents(message, sessionId, since)),
  ];
  const { streaming } = snapshot;
  // It stands behind all the rest: a reader that has it must not miss what is between.
  if (streaming && !snapshot.more) {
    const shown = snapshot.messages.find(({ id }) => id === streaming.messageId);
    const offset = Math.min(shown ? shown.content.length : cursor.offset, streaming.content.length);
    const delta = streaming.content.slice(offset);
    const position = { seq: snapshot.head, offset: streaming.content.length };
    if (delta !== '')
      events.push(
        serverEvent('message:stream', { messageId: streaming.messageId, sessionId, delta, offset }, position),
      );
  }
  return events;
}

function changeEvents(message: MessageResponse, sessionId: string, since: number): ServerEvent[] {
  const { id: messageId, seq, changeSeq, role, status, usage, error } = message;
  const position = { seq: changeSeq, offset: status === 'streaming' ? message.content.length : 0 };
  const change = serverEvent(seq > since ? 'message:new' : 'message:update', message, position);
  const isFinished =
    role === 'assistant' && status !== 'streaming' && changeSeq > seq && message.supersededById === undefined;
  if (!isFinished) return [change];
  return [
    change,
    serverEvent(
      'message:done',
      { messageId, sessionId, status, ...(usage ? { usage } : {}), ...(error ? { error } : {}) },
      position,
    ),
  ];
}
