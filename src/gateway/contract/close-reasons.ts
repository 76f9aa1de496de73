/** Why the server closes a live connection, and what a person may read about it. */
export const CLOSE_REASONS = {
  token_expired: 'The access token has expired; refresh it and reconnect.',
  signed_out: 'This sign-in has ended.',
  role_changed: 'Your role has changed; reconnect.',
  slow_consumer: 'This connection could not keep up; reconnect and resume.',
  server_shutting_down: 'The server is shutting down; reconnect in a moment.',
} as const;

export type CloseReason = keyof typeof CLOSE_REASONS;
