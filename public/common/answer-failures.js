// An answer that failed carries only a code; the codes are stable.
const TEXTS = {
  AI_UNAVAILABLE: 'The model cannot be reached.',
  AI_OVERLOADED: 'The model is overloaded. Try again a little later.',
  AI_TIMEOUT: 'The model took too long.',
  AI_INTERRUPTED: 'The connection to the model broke.',
  AI_MISCONFIGURED: "The model provider refused this server's settings.",
  AI_QUOTA_EXHAUSTED: "This server's account at the model provider is used up.",
  AI_BAD_RESPONSE: 'The model sent something that cannot be read.',
  AI_CONTENT_FILTERED: 'The model provider withheld the answer.',
  AI_OUTPUT_TOO_LONG: 'The answer reached its greatest length.',
  TOKEN_QUOTA_EXCEEDED: "Today's quota is used up.",
  SERVER_BUSY: 'Too many answers are being written right now.',
};

/** Why an answer failed, in words; the bare code when it is a new one. */
export const failureText = (error) => (error ? (error.message ?? TEXTS[error.code] ?? error.code) : '');
