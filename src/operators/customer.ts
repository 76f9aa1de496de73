/** A person who writes by Telegram, as it is stored. */
export interface CustomerRecord {
  id: string;
  /** The chat that answers go to. At most 52 bits. */
  telegramChatId: number;
  telegramId: number | null;
  username: string | null;
  firstName: string | null;
  lastName: string | null;
  languageCode: string | null;
  /** Nothing can be sent: the person blocked the bot. */
  isBlocked: boolean;
  createdAt: Date;
  lastSeenAt: Date;
}

/** Who writes, as Telegram tells it with every update. */
export interface TelegramPerson {
  telegramChatId: number;
  telegramId: number | null;
  username: string | null;
  firstName: string | null;
  lastName: string | null;
  languageCode: string | null;
}
