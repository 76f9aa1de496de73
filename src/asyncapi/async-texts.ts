/** What the document says before its first channel. */
export const ASYNC_DESCRIPTION = `
The doors of Parley that stay open: what may be said at each of them, and everything that the server says.
Ordering, resuming, closing and limits are told in docs/WEBSOCKET_API.md; the REST routes in \`/openapi.json\`.

A client remembers the highest number (\`changeSeq\`, \`head\`) that it has of a conversation and asks with it for what it missed.
Unknown fields of what the server says are to be ignored: more may be added.
`.trim();

const HOST = 'localhost:3001';

export const SERVERS = {
  socketio: {
    host: HOST,
    pathname: '/socket.io',
    protocol: 'socket.io',
    description: 'Socket.IO 3 or newer (EIO=4), websocket or polling.',
  },
  http: { host: HOST, protocol: 'http', description: 'Answers that go on.' },
  websocket: { host: HOST, protocol: 'ws', description: 'WebSockets without Socket.IO.' },
};

export const SECURITY_SCHEMES = {
  handshake: { type: 'apiKey', in: 'user', description: 'An access token as `auth.token` of the Socket.IO handshake.' },
  bearer: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description: 'An access token in the Authorization header.',
  },
  query: { type: 'httpApiKey', in: 'query', name: 'token', description: 'An access token in the address.' },
  ticket: { type: 'httpApiKey', in: 'query', name: 'ticket', description: 'A ticket of `POST /sse/ticket`.' },
};
