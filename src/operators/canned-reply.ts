/** An answer that operators keep at hand. */
export interface CannedReply {
  id: string;
  title: string;
  text: string;
  /** What is typed to find it. */
  shortcut: string | null;
  createdById: string | null;
  createdAt: Date;
  updatedAt: Date;
}

/** What is absent stays as it is. */
export interface CannedReplyChanges {
  title?: string;
  text?: string;
  shortcut?: string | null;
}
