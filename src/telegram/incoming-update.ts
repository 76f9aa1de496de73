/** The person who wrote, as Telegram names them; every text is clean and short. */
export interface TelegramPerson {
  id: number;
  username: string | null;
  firstName: string | null;
  lastName: string | null;
  /** IETF tag. */
  languageCode: string | null;
}

/** Something that came with a message, or instead of text. */
export interface Attachment {
  type:
    | 'photo'
    | 'voice'
    | 'audio'
    | 'video'
    | 'video_note'
    | 'animation'
    | 'document'
    | 'sticker'
    | 'location'
    | 'contact';
  /** How Telegram is asked for the file. */
  fileId?: string;
  fileName?: string;
  mimeType?: string;
  /** In bytes. */
  size?: number;
  width?: number;
  height?: number;
  /** In seconds. */
  duration?: number;
  /** Of a sticker. */
  emoji?: string;
  latitude?: number;
  longitude?: number;
  /** Of a location: what is there. */
  title?: string;
  phoneNumber?: string;
  /** Of a contact. */
  name?: string;
}

export interface TelegramChat {
  id: number;
  isPrivate: boolean;
  /** Of a group. */
  title: string | null;
}

interface FromChat {
  updateId: number;
  chat: TelegramChat;
  person: TelegramPerson;
}

export interface MessageUpdate extends FromChat {
  kind: 'message';
  messageId: number;
  /** Empty when the attachment says it all. */
  text: string;
  attachment: Attachment | null;
  /** `/start payload` as ['start', 'payload']. */
  command: { name: string; argument: string } | null;
  /** The message of the same chat that it answers. */
  replyToMessageId: number | null;
}

export interface EditUpdate extends FromChat {
  kind: 'edit';
  messageId: number;
  text: string;
  attachment: Attachment | null;
}

export interface PressUpdate extends FromChat {
  kind: 'press';
  pressId: string;
  data: string;
  /** The message that carries the button. */
  messageId: number | null;
}

/** The person blocked the bot, or came back. */
export interface MembershipUpdate extends FromChat {
  kind: 'membership';
  isBlocked: boolean;
}

/** A group became a supergroup, with another number. */
export interface MigrationUpdate {
  kind: 'migration';
  updateId: number;
  fromChatId: number;
  toChatId: number;
}

/** Nothing that concerns us. */
export interface IgnoredUpdate {
  kind: 'ignored';
  updateId: number;
  chatId: number | null;
  /** The kinds of content that the update had. */
  what: string;
}

export type IncomingUpdate =
  MessageUpdate | EditUpdate | PressUpdate | MembershipUpdate | MigrationUpdate | IgnoredUpdate;

/** The chat that an update belongs to, for the order and for the log. */
export function chatIdOf(update: IncomingUpdate): number | null {
  if (update.kind === 'ignored') return update.chatId;
  return update.kind === 'migration' ? update.fromChatId : update.chat.id;
}
