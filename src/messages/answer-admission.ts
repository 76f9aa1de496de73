import type { Actor } from '../common/actor.js';

/** Whether somebody may ask for another answer now. Messages may not know the assistant, so this is a port that its module provides. */
export abstract class AnswerAdmission {
  /** @throws AppError TOKEN_QUOTA_EXCEEDED | RATE_LIMITED | SERVER_BUSY, with the seconds to wait */
  abstract assertMayAsk(actor: Actor): Promise<void>;
}
