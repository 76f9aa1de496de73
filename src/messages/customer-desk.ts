/** What messages need to know of the desk, which stands above them; its module provides it. */
export abstract class CustomerDesk {
  /** Whether a customer asks for a human in these words. */
  abstract asksForHuman(text: string): boolean;

  /**
   * Calls a human to a conversation, in the unit of work under way. One that was called already is left alone. Whether one will
   * answer here: a person who waits in another conversation goes on waiting there.
   */
  abstract callHuman(conversationId: string, call: HumanCall): Promise<boolean>;
}

/** Why a human is called. */
export interface HumanCall {
  by: 'command' | 'keyword' | 'assistant' | 'button';
  reason: string | null;
  priority?: 'low' | 'medium' | 'high' | 'urgent';
  /** What the assistant makes of the conversation so far; becomes the first note. */
  summary?: string;
}
