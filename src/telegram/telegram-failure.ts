import { GrammyError, HttpError } from 'grammy';

/** Why a call of the Bot API did not do what it was to, and what that asks for. */
export type TelegramFailure =
  /** Not done; may be done after `retryAfterMs` (null: when we think best). */
  | { kind: 'again'; retryAfterMs: number | null; reason: string }
  /** Nobody knows whether it was done: the connection broke after the call had left. */
  | { kind: 'unknown'; reason: string }
  /** The person does not want to hear from us, or is gone. */
  | { kind: 'blocked'; reason: string }
  /** The chat has another number now. */
  | { kind: 'migrated'; toChatId: number; reason: string }
  /** Telegram does not like the entities. */
  | { kind: 'unparsable'; reason: string }
  /** It is there already, exactly so. */
  | { kind: 'unmodified'; reason: string }
  /** This server does not have the method. */
  | { kind: 'no-method'; reason: string }
  /** It will never be done. */
  | { kind: 'refused'; reason: string };

/** Errors of a connection that show that the call never left. */
const NEVER_LEFT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'ENETDOWN',
]);

export function classifyFailure(error: unknown): TelegramFailure {
  if (error instanceof GrammyError) return classifyAnswer(error);
  const code = codeOf(error);
  if (code !== null && NEVER_LEFT.has(code)) return { kind: 'again', retryAfterMs: null, reason: code };
  return { kind: 'unknown', reason: code ?? 'no answer' };
}

function classifyAnswer({ error_code: code, description, parameters }: GrammyError): TelegramFailure {
  const reason = `${code} ${description}`;
  if (code === 429) return { kind: 'again', retryAfterMs: (parameters.retry_after ?? 1) * 1000, reason };
  if (parameters.migrate_to_chat_id !== undefined)
    return { kind: 'migrated', toChatId: parameters.migrate_to_chat_id, reason };
  if (code === 403) return { kind: 'blocked', reason };
  if (code === 404) return { kind: 'no-method', reason };
  // A wrong token is for the owner of the server to mend; what waits is not lost meanwhile.
  if (code === 401 || code === 409 || code >= 500) return { kind: 'again', retryAfterMs: null, reason };
  if (/can't parse|entit(?:y|ies)/i.test(description)) return { kind: 'unparsable', reason };
  if (/not modified/i.test(description)) return { kind: 'unmodified', reason };
  return { kind: 'refused', reason };
}

/** grammY keeps what `fetch` threw, and that one what the socket said. */
function codeOf(error: unknown): string | null {
  for (let at: unknown = error, depth = 0; typeof at === 'object' && at !== null && depth < 5; depth++) {
    const { code, cause } = at as { code?: unknown; cause?: unknown };
    if (typeof code === 'string') return code;
    // All addresses of a host were tried.
    const [first] = at instanceof AggregateError ? (at.errors as unknown[]) : [];
    at = at instanceof HttpError ? at.error : (first ?? cause);
  }
  return null;
}
