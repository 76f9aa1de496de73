import { AppError } from '../../common/errors/app-error.js';
import { toWireError, type WireError } from '../../common/errors/describe-error.js';
import type { ErrorCode } from '../../common/errors/error-catalogue.js';
import type { MessageStatus } from '../../events/domain-events.js';
import type { ServerEventPayloads } from '../contract/server-events.js';
import type { StreamFormat } from './http-stream.js';

type Done = ServerEventPayloads['message:done'];

/** How an answer ended, as it is stored. */
export interface EndedAnswer {
  messageId: string | null;
  status: MessageStatus;
  content: string;
  usage?: Done['usage'];
  /** Why it failed or broke off. */
  error?: WireError;
}

/** How a dialect tells the bare text of one answer. */
export interface AnswerFormat extends StreamFormat {
  /** `end`: how far the text goes with this piece, in UTF-16 units. */
  delta: (text: string, end: number) => string;
  /** The last thing that is told. */
  ended: (answer: EndedAnswer) => string;
}

export function endedAnswer({ messageId, status, usage, error }: Done, content: string): EndedAnswer {
  const code = (error?.code as ErrorCode | undefined) ?? CODE_OF_STATUS[status];
  return {
    messageId,
    status,
    content,
    ...(usage ? { usage } : {}),
    ...(code ? { error: toWireError(new AppError(code)) } : {}),
  };
}

/** The session was deleted while its answer was being read. */
export function deletedAnswer(): EndedAnswer {
  const error = toWireError(new AppError('SESSION_NOT_FOUND'));
  return { messageId: null, status: 'failed', content: '', error };
}

const CODE_OF_STATUS: Partial<Record<MessageStatus, ErrorCode>> = {
  failed: 'AI_UNAVAILABLE',
  interrupted: 'AI_INTERRUPTED',
};
