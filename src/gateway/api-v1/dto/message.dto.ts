import type { MessageRecord, MessageRole } from '../../../events/domain-events.js';

/** A message of a chat. */
export class ApiV1Message {
  id: string;
  /** An operator's words are `assistant`: this dialect knows nobody else who could answer. */
  role: 'user' | 'assistant' | 'system';
  content: string;
  /** Of an answer: the tokens of its text, reported by the provider or else counted here. 0 of anything else. */
  tokens: number;
  created_at: string;
  /** Its place; ascending, with gaps. */
  sequence_number: number;
  /** The answer is being written, was stopped, broke off or failed. Left out otherwise. */
  is_incomplete?: true;

  static from(message: MessageRecord): ApiV1Message {
    return {
      id: message.id,
      role: ROLE[message.role],
      content: message.content,
      tokens: message.completionTokens ?? 0,
      created_at: message.createdAt.toISOString(),
      sequence_number: message.seq,
      ...(message.status === 'complete' ? {} : { is_incomplete: true }),
    };
  }
}

const ROLE: Record<MessageRole, ApiV1Message['role']> = {
  user: 'user',
  customer: 'user',
  assistant: 'assistant',
  operator: 'assistant',
  system: 'system',
};
