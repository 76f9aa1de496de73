/** What the API document says before its first route. */
export const API_DESCRIPTION = `
Parley keeps conversations of people with an AI assistant: every message gets a number in its conversation, the
assistant's answer streams while it is written and is stored, and a reader who was away asks for what changed since a number.

**Signing in.** \`POST /auth/register\` or \`POST /auth/login\` answers an access token and a refresh token. Send the access token as
\`Authorization: Bearer …\`. When it has expired (401 \`TOKEN_EXPIRED\`), exchange the refresh token at \`POST /auth/refresh\`; each
refresh token is good once.

**Errors.** Every failure has the same body with a stable \`code\`; programs look at the code, people at the message. What does not exist
and what belongs to somebody else get the same 404. 429 and 503 say in \`Retry-After\` when to come again. All codes: docs/errors.md.

**Lists.** A list is a plain array of at most \`limit\` items (50 unless asked otherwise). When there is more, the answer carries
\`X-Next-Cursor\` and a \`Link\` with \`rel="next"\`.

**Repeating a request.** A POST that takes \`Idempotency-Key\` does its work once: the same request with the same key is answered
with the first answer and \`Idempotent-Replayed: true\`; another request with that key is refused.

**Input.** Bodies are JSON of at most 64 KB and 32 levels. Unknown keys are refused by name. Ids are UUIDs, times ISO 8601 in UTC, lengths of
texts are counted in UTF-16 units.

**Live.** Answers stream over Socket.IO (namespace \`/chat\`, see docs/WEBSOCKET_API.md), over Server-Sent Events and as lines of JSON.
`.trim();

/** The groups of routes, in the order in which they are shown. */
export const API_TAGS = {
  auth: 'Sign up, sign in, stay signed in, sign out.',
  users: 'Your own account; for administrators everybody.',
  groups: 'Folders for sessions.',
  sessions: 'Conversations of one person with the assistant.',
  messages: 'What was said: read, send, edit, delete, search.',
  answers: "The assistant's answers: stop one, or have it made again.",
  conversations: 'Catching up after an absence.',
  streams: 'Answers while they are written, over plain HTTP.',
  ai: 'What can answer.',
  'api/v1':
    'The same conversations for clients of the snake_case dialect: a chat is a session, failures are `{ error }`.',
  pages: 'What the pages of this server ask for before anybody signs in.',
  operations: 'Health and metrics, for those who run the server.',
} as const;
