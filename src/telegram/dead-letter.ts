/** An update of Telegram that could not be processed and was put aside. */
export interface DeadLetter {
  updateId: number;
  /** The chat of Telegram that it belongs to. */
  telegramChatId: number | null;
  kind: string;
  /** Why its latest try failed. */
  error: string;
  /** As Telegram sent it. */
  payload: Record<string, unknown>;
  receivedAt: Date;
}
