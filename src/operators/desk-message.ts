import type { MessageRecord, MessageRole } from '../events/domain-events.js';

/** A message as the desk's dialect shows it. */
export interface DeskMessage {
  id: string;
  chat_id: string;
  author_type: 'user' | 'bot' | 'operator';
  author_id: string | null;
  text: string;
  timestamp: string;
  is_read: boolean;
  seq: number;
  metadata: Record<string, unknown>;
}

const AUTHOR_TYPE: Record<MessageRole, DeskMessage['author_type']> = {
  user: 'user',
  customer: 'user',
  operator: 'operator',
  assistant: 'bot',
  system: 'bot',
};

/** `readSeq`: operators have read up to this number; what they and the assistant said counts as read. */
export function toDeskMessage(message: MessageRecord, readSeq: number): DeskMessage {
  const { id, conversationId, role, senderId, content, createdAt, seq, changeSeq, status } = message;
  const isOfCustomer = AUTHOR_TYPE[role] === 'user';
  return {
    id,
    chat_id: conversationId,
    author_type: AUTHOR_TYPE[role],
    author_id: senderId,
    text: content,
    timestamp: createdAt.toISOString(),
    is_read: !isOfCustomer || seq <= readSeq,
    seq,
    metadata: {
      ...message.metadata,
      role,
      status,
      change_seq: changeSeq,
      ...(message.clientMessageId === null || isOfCustomer ? {} : { client_message_id: message.clientMessageId }),
      ...(message.editedAt === null ? {} : { edited_at: message.editedAt.toISOString() }),
      ...(message.supersededById === null ? {} : { superseded_by_id: message.supersededById }),
      ...(message.deletedAt === null ? {} : { deleted_at: message.deletedAt.toISOString() }),
    },
  };
}
