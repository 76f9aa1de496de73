/** What messages need of the assistant, which stands above them; its module provides it. */
export abstract class AnswerSilencer {
  /**
   * Ends what the assistant is writing in a conversation: the model call is aborted, the text so far is stored and stays.
   * Runs inside the unit of work under way, which holds the conversation's lock; nothing more is told or written afterwards.
   */
  abstract endRunning(conversationId: string): Promise<void>;
}
