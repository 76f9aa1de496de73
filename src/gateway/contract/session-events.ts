import { MessageResponse } from '../../messages/dto/message.response.dto.js';
import {
  MessageDoneEvent,
  MessageStreamEvent,
  SessionRefEvent,
  SessionTypingEvent,
} from '../dto/session-events.dto.js';
import { event } from './entries.js';
import { ADA, ANSWER, BEGUN, QUESTION, SESSION, USAGE } from './example-values.js';

const WATCHING = 'who watches the session';
const OWNER = 'all connections of its owner';

/** What the server says about AI sessions. */
export const SESSION_EVENTS = {
  'message:new': event(MessageResponse, {
    to: WATCHING,
    shape: "the message; the assistant's one is empty and `streaming`",
    example: QUESTION,
  }),
  'message:stream': event(MessageStreamEvent, {
    to: WATCHING,
    example: { messageId: BEGUN.id, sessionId: SESSION, delta: ' once more.', offset: 7 },
  }),
  'message:update': event(MessageResponse, {
    to: WATCHING,
    shape: 'the message with its new text, state or marks',
    example: ANSWER,
  }),
  'message:done': event(MessageDoneEvent, {
    to: WATCHING,
    example: { messageId: ANSWER.id, sessionId: SESSION, status: 'complete', usage: USAGE },
  }),
  typing: event(SessionTypingEvent, {
    to: 'the others who watch the session',
    example: { sessionId: SESSION, userId: ADA, typing: true },
  }),
  'session:created': event(SessionRefEvent, { to: OWNER, example: { sessionId: SESSION } }),
  'session:updated': event(SessionRefEvent, { to: OWNER, example: { sessionId: SESSION } }),
  'session:deleted': event(SessionRefEvent, { to: OWNER, example: { sessionId: SESSION } }),
};
