import type { CloseReason } from '../contract/close-reasons.js';

/** The code of the close frame of a plain WebSocket. */
export const CLOSE_CODE: Record<CloseReason, number> = {
  server_shutting_down: 1001,
  slow_consumer: 1013,
  token_expired: 4401,
  signed_out: 4401,
  role_changed: 4403,
};
