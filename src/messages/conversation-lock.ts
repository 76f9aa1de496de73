import type { ConversationKind } from '../events/domain-events.js';

/** A conversation while its row is locked. */
export interface ConversationLock {
  kind: ConversationKind;
  head: number;
  fence: number;
  /** The message that still waits for an answer: in a session the newest, in a room the oldest. */
  answerDueSeq: number | null;
  /** The assistant owes no answer here, whatever is said. */
  isSilenced: boolean;
}
