import { ClosingEvent, ConnectedEvent, ErrorEvent } from '../dto/connection-events.dto.js';
import { ResetEvent } from '../dto/session-events.dto.js';
import { CLOSE_REASONS } from './close-reasons.js';
import { event } from './entries.js';
import { ADA, SESSION } from './example-values.js';

/** What the server says about the connection itself. */
export const CONNECTION_EVENTS = {
  connected: event(ConnectedEvent, {
    to: 'who was let in',
    example: { userId: ADA, userRole: 'user', chatRooms: 2, connectionId: 'CtipzCo_iwuAJUiIAAAA' },
  }),
  error: event(ErrorEvent, {
    to: 'whose command failed without an ack',
    example: { code: 'SESSION_NOT_FOUND', message: 'No such session.', event: 'join' },
  }),
  closing: event(ClosingEvent, {
    to: 'whom the server closes',
    example: { reason: 'token_expired', message: CLOSE_REASONS.token_expired },
  }),
};

/** What is said on streams only, where a client sends no command that could be answered. */
export const STREAM_EVENTS = {
  reset: event(ResetEvent, {
    to: 'a reader whose number was never reached here: forget what you have of the session or room, everything follows',
    example: { sessionId: SESSION },
  }),
};
