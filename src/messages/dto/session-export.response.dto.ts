import { SessionResponse } from '../../sessions/dto/session-response.dto.js';
import { MessageResponse } from './message.response.dto.js';

/** A session with every message that was ever there, deleted ones as empty places. */
export class SessionExportResponse {
  session: SessionResponse;
  messages: MessageResponse[];
}
