/** What the server, or the way to it, had against a request. The texts are meant for people. */
export class RequestError extends Error {
  /** @param {{code: string, message: string, details?: unknown, retryAfterSeconds?: number, status?: number, requestId?: string}} error */
  constructor({ code, message, details, retryAfterSeconds, status, requestId }) {
    super(message);
    this.name = 'RequestError';
    this.code = code;
    this.details = details;
    this.retryAfterSeconds = retryAfterSeconds;
    this.status = status;
    this.requestId = requestId;
  }

  /** Problems by field, as the server's validation lists them. */
  get fields() {
    if (!Array.isArray(this.details)) return {};
    return Object.fromEntries(
      this.details
        .filter((entry) => entry && typeof entry.field === 'string' && Array.isArray(entry.problems))
        .map(({ field, problems }) => [field, problems.join('; ')]),
    );
  }
}

export const offlineError = () =>
  new RequestError({ code: 'OFFLINE', message: 'The server cannot be reached right now.' });

const PASSING = new Set([
  'OFFLINE',
  'NO_ANSWER',
  'SERVER_BUSY',
  'SERVER_DRAINING',
  'DATABASE_UNAVAILABLE',
  'SLOW_CONSUMER',
]);

/** Whether the same request may succeed a little later. */
export function isPassing(error) {
  return PASSING.has(error.code) || error.status === 502 || error.status === 503 || error.status === 504;
}
