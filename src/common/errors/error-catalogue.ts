export type ErrorLogLevel = 'debug' | 'info' | 'warn' | 'error';

export interface ErrorSpec {
  /** HTTP status of REST answers. */
  readonly status: number;
  /** Whether the same request can succeed later without being changed. */
  readonly retryable: boolean;
  readonly logLevel: ErrorLogLevel;
  /** What a person reads when the thrower gave no text of its own. */
  readonly message: string;
}

const spec = (status: number, message: string, options: Partial<ErrorSpec> = {}): ErrorSpec => ({
  status,
  message,
  retryable: status === 429 || status === 503,
  logLevel: status >= 500 ? 'error' : 'debug',
  ...options,
});

/** Every failure a client can be told about. The codes are stable; texts may change. */
export const ERROR_CATALOGUE = {
  // what was sent
  VALIDATION_FAILED: spec(400, 'The request is not valid.'),
  INVALID_JSON: spec(400, 'The body is not valid JSON.'),
  INVALID_CURSOR: spec(400, 'The cursor is not one of ours.'),
  INVALID_IDEMPOTENCY_KEY: spec(400, 'Idempotency-Key takes 1 to 255 printable ASCII characters.'),
  MODEL_UNKNOWN: spec(400, 'No such model.'),
  PROVIDER_UNKNOWN: spec(400, 'No such provider.'),
  UNKNOWN_EVENT: spec(400, 'No such event.'),
  PAYLOAD_TOO_LARGE: spec(413, 'The body is too large.'),
  UNSUPPORTED_MEDIA_TYPE: spec(415, 'Send application/json.'),
  IDEMPOTENCY_KEY_REUSED: spec(422, 'This key was used for another request.'),

  // who is asking
  UNAUTHORIZED: spec(401, 'Sign in first.'),
  TOKEN_EXPIRED: spec(401, 'The access token has expired.'),
  SIGN_IN_REVOKED: spec(401, 'This sign-in has ended.'),
  TICKET_INVALID: spec(401, 'The ticket is unknown, used or expired.'),
  INVALID_CREDENTIALS: spec(401, 'Email or password is wrong.'),
  REFRESH_TOKEN_INVALID: spec(401, 'The refresh token is not valid.'),
  REFRESH_TOKEN_REUSED: spec(401, 'The refresh token was used before; this sign-in has ended.', { logLevel: 'warn' }),
  OAUTH_FAILED: spec(401, 'Signing in with Google failed.', { logLevel: 'info' }),
  FORBIDDEN: spec(403, 'You may not do this.'),
  ORIGIN_NOT_ALLOWED: spec(403, 'This origin is not allowed.'),

  // what it is about; absent and not yours are the same
  NOT_FOUND: spec(404, 'Not found.'),
  USER_NOT_FOUND: spec(404, 'No such user.'),
  GROUP_NOT_FOUND: spec(404, 'No such group.'),
  SESSION_NOT_FOUND: spec(404, 'No such session.'),
  CHAT_ROOM_NOT_FOUND: spec(404, 'No such chat room.'),
  CONVERSATION_NOT_FOUND: spec(404, 'No such conversation.'),
  PARTICIPANT_NOT_FOUND: spec(404, 'Nobody like that is in this chat room.'),
  MESSAGE_NOT_FOUND: spec(404, 'No such message.'),
  CHAT_NOT_FOUND: spec(404, 'No such chat.'),
  OPERATOR_NOT_FOUND: spec(404, 'No such operator.'),
  CANNED_REPLY_NOT_FOUND: spec(404, 'No such canned reply.'),
  FILE_NOT_FOUND: spec(404, 'No such file, or it cannot be had any more.'),
  DEAD_LETTER_NOT_FOUND: spec(404, 'No such update was put aside, or it has been processed since.'),
  GOOGLE_NOT_CONFIGURED: spec(404, 'Signing in with Google is not set up on this server.'),
  METHOD_NOT_ALLOWED: spec(405, 'This method is not allowed here.'),
  EMAIL_TAKEN: spec(409, 'This email is already registered.'),
  LAST_ADMIN: spec(409, 'The last admin cannot be demoted or removed.'),
  CHAT_ALREADY_TAKEN: spec(409, 'Somebody else has taken this chat.'),
  CHAT_NOT_TAKEN: spec(409, 'Nobody holds this chat; take it first.'),
  CHAT_CLOSED: spec(409, 'This chat is closed.'),
  CHAT_NOT_CLOSED: spec(409, 'This chat is not closed.'),
  CHAT_WITH_ASSISTANT: spec(409, 'The assistant holds this chat.'),
  OPERATOR_AT_CAPACITY: spec(409, 'The operator holds as many chats as allowed.'),
  CUSTOMER_HAS_OPEN_CHAT: spec(409, 'This customer is in another open chat.'),
  STALE_READ: spec(409, 'Something was said that this reply does not know of.'),
  ASSISTANT_SILENCED: spec(409, 'A human answers here; the assistant is silent.'),
  DEAD_LETTER_FAILED: spec(409, 'This update still cannot be processed.'),
  SHORTCUT_TAKEN: spec(409, 'Another canned reply has this shortcut.'),
  CHAT_ROOM_FULL: spec(409, 'There is no place left in this chat room.'),
  CHAT_ROOM_IS_DIRECT: spec(409, 'Nobody is added to or removed from a chat room of two.'),
  MESSAGE_NOT_EDITABLE: spec(409, 'This message cannot be edited.'),
  MESSAGE_DELETED: spec(409, 'This message is deleted.'),
  TOO_MANY_REACTIONS: spec(409, 'This message has as many different reactions as it can have.'),
  NOTHING_TO_REGENERATE: spec(409, 'This message is not an answer that can be made again.'),

  // limits
  RATE_LIMITED: spec(429, 'Too many requests; wait a little.'),
  TOKEN_QUOTA_EXCEEDED: spec(429, "Today's token quota is used up."),
  TOO_MANY_CONNECTIONS: spec(429, 'Too many connections.'),
  SERVER_BUSY: spec(503, 'The server is busy; try again.', { logLevel: 'warn' }),
  SERVER_DRAINING: spec(503, 'The server is shutting down; try again.', { logLevel: 'info' }),
  DATABASE_UNAVAILABLE: spec(503, 'The database cannot be reached; try again.', { logLevel: 'error' }),
  SLOW_CONSUMER: spec(503, 'This connection could not keep up; reconnect and resume.', { logLevel: 'info' }),

  // the model
  TELEGRAM_UNAVAILABLE: spec(503, 'Telegram cannot be reached.', { logLevel: 'warn' }),
  AI_UNAVAILABLE: spec(503, 'The model cannot be reached.', { logLevel: 'warn' }),
  AI_OVERLOADED: spec(503, 'The model is overloaded; try again later.', { logLevel: 'warn' }),
  AI_TIMEOUT: spec(504, 'The model did not answer in time.', { retryable: true, logLevel: 'warn' }),
  AI_INTERRUPTED: spec(502, 'The answer broke off.', { retryable: true, logLevel: 'warn' }),
  AI_MISCONFIGURED: spec(502, 'The model provider refused the configuration of this server.', { logLevel: 'error' }),
  AI_QUOTA_EXHAUSTED: spec(502, 'The account at the model provider is used up.', { logLevel: 'error' }),
  AI_BAD_RESPONSE: spec(502, 'The model answered something that cannot be read.', {
    retryable: true,
    logLevel: 'warn',
  }),
  AI_CONTENT_FILTERED: spec(502, 'The model provider withheld the answer.', { logLevel: 'info' }),
  AI_REQUEST_REFUSED: spec(502, 'The model provider refused this request.', { logLevel: 'warn' }),
  AI_CONTEXT_TOO_LONG: spec(422, 'This conversation is too long for the model.', { logLevel: 'info' }),
  AI_OUTPUT_TOO_LONG: spec(502, 'The answer was cut at its greatest length.', { logLevel: 'info' }),

  INTERNAL: spec(500, 'Something went wrong on our side.'),
} as const satisfies Record<string, ErrorSpec>;

export type ErrorCode = keyof typeof ERROR_CATALOGUE;
