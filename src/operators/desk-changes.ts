import type { MessageRecord, SupportChatVisibility } from '../events/domain-events.js';

/** What one transaction did to one support chat. */
export interface DeskChange {
  chatId: string;
  /** The number of the transaction. */
  changedIn: number;
  /** The conversation's counter before it; null when it said nothing there. */
  baseSeq: number | null;
  /** The chat itself changed: state, marks, notes, customer. */
  isChanged: boolean;
  /** Who could see it before; null: it was not there. */
  former: SupportChatVisibility | null;
  /** How it is at the moment of reading; null: it is gone. */
  now: (SupportChatVisibility & { readSeq: number }) | null;
}

/** Changes of all support chats, read in one moment. */
export interface DeskChanges {
  /** Everything of smaller transactions is in; a reader goes on from here. */
  horizon: number;
  /** In the order of their transactions. */
  changes: DeskChange[];
  /** What these changes said, as it is now, by chat and `changeSeq`; texts that are being written are left out. */
  messages: MessageRecord[];
  /** There is more before the horizon. */
  more: boolean;
}

/** Where a reader of the desk stands: the database that it read, and the transaction before which it has everything. */
export interface DeskPosition {
  epoch: string;
  changedIn: number;
}

export const writeDeskCursor = ({ epoch, changedIn }: DeskPosition): string => `${epoch}.${changedIn}`;

/** Null when it is no cursor. */
export function readDeskCursor(cursor: string): DeskPosition | null {
  const [, epoch, number] = /^([0-9a-f]{8})\.(\d{1,15})$/.exec(cursor) ?? [];
  return epoch === undefined ? null : { epoch, changedIn: Number(number) };
}
