/** What an operator, or the assistant, notes about a chat. */
export interface ChatNote {
  id: string;
  chatId: string;
  /** null: the assistant. */
  authorId: string | null;
  text: string;
  createdAt: Date;
}
