import { AppError } from '../../common/errors/app-error.js';
import { MAX_MESSAGE_LENGTH, textProblem } from '../../common/validation/text.js';
import { assertSafeShape } from '../../common/validation/validate.js';
import type { PlainMessage } from './plain-conversation.js';

const LONGEST_ID = 255;

/**
 * Reads `{"type":"message","content":"…","clientMessageId"?:"…"}`; the checks come in the order JSON, shape, length.
 * @throws AppError with the text for the `error` frame
 */
export function readMessage(data: Buffer, isBinary: boolean): PlainMessage {
  const frame = parse(data, isBinary);
  if (typeof frame !== 'object' || frame === null || Array.isArray(frame))
    throw refused('A frame must be a JSON object.');
  assertSafeShape(frame);
  const { type, content, clientMessageId } = frame as Record<string, unknown>;
  if (type !== 'message') throw refused('Unknown type; send {"type":"message","content":"…"}.');
  if (typeof content !== 'string') throw refused('content must be a string.');
  const problem = textProblem(content, 1, MAX_MESSAGE_LENGTH);
  if (problem !== null) throw refused(`content ${problem}.`);
  if (clientMessageId === undefined) return { content };
  const idProblem = textProblem(clientMessageId, 1, LONGEST_ID);
  if (idProblem !== null || typeof clientMessageId !== 'string') throw refused(`clientMessageId ${idProblem}.`);
  return { content, clientMessageId };
}

function parse(data: Buffer, isBinary: boolean): unknown {
  if (isBinary) throw new AppError('INVALID_JSON', { message: 'Send JSON as text.' });
  try {
    return JSON.parse(data.toString('utf8'));
  } catch (error) {
    throw new AppError('INVALID_JSON', { message: 'The message is not valid JSON.', cause: error });
  }
}

const refused = (message: string) => new AppError('VALIDATION_FAILED', { message });
