import type { ErrorCode } from '../../src/common/errors/error-catalogue.js';
import type { ClientEventName } from '../../src/gateway/contract/client-events.js';
import type { EventPolicy, Ref, RoutePolicy } from '../support/policy.js';

const session = (absent: ErrorCode = 'SESSION_NOT_FOUND'): Ref => ({ kind: 'session', absent });
const group = (): Ref => ({ kind: 'group', absent: 'GROUP_NOT_FOUND' });
const message = (kind: 'question' | 'answer' = 'question'): Ref => ({ kind, absent: 'MESSAGE_NOT_FOUND' });
const room = (): Ref => ({ kind: 'room', absent: 'CHAT_ROOM_NOT_FOUND' });
const roomMessage = (): Ref => ({ kind: 'roomMessage', absent: 'MESSAGE_NOT_FOUND' });
const member = (): Ref => ({ kind: 'member', absent: 'PARTICIPANT_NOT_FOUND' });
/** Anybody may be named, of those who are there. */
const people = (absent: ErrorCode | null = 'USER_NOT_FOUND'): Ref => ({
  kind: 'person',
  absent,
  isShared: true,
  isList: true,
});
const chat = (kind: 'waitingChat' | 'heldChat' | 'closedChat' = 'heldChat'): Ref => ({
  kind,
  absent: 'CHAT_NOT_FOUND',
  isShared: true,
});
const shared = (kind: Ref['kind'], absent: ErrorCode | null): Ref => ({ kind, absent, isShared: true });
/** An id that may be given on top of what a good request has. */
const extra = (ref: Ref, insteadOf: string | null = null): Ref => ({ ...ref, insteadOf });

const open: RoutePolicy = { access: 'public', ok: 200 };
const own: RoutePolicy = { access: 'signed-in', ok: 200 };
const of = (refs: RoutePolicy['refs'], rest: Partial<RoutePolicy> = {}): RoutePolicy => ({ ...own, refs, ...rest });

const desk = (rest: Partial<RoutePolicy> = {}): RoutePolicy => ({ access: 'operator', ok: 200, ...rest });
const deskOf = (ref: Ref, rest: Partial<RoutePolicy> = {}): RoutePolicy =>
  desk({ refs: { 'params.id': ref }, ...rest });

const v1 = (policy: RoutePolicy, rest: Partial<RoutePolicy> = {}): RoutePolicy => ({
  ...policy,
  ...rest,
  dialect: 'api/v1',
});

/** Who may do what: every route of the application, and nothing else. Several policies: several kinds of good requests. */
export const ROUTE_POLICIES: Readonly<Record<string, RoutePolicy | readonly RoutePolicy[]>> = {
  'GET /docs': open,
  'GET /docs/': open,
  'GET /docs/index.html': open,
  'GET /docs/LICENSE': { access: 'public', ok: 404, refusal: 'NOT_FOUND' },
  'GET /docs/swagger-ui-init.js': open,
  'GET /docs/docs/swagger-ui-init.js': open,
  'GET /asyncapi.json': open,
  'GET /openapi.json': open,
  'GET /health': open,
  'GET /health/live': open,
  'GET /health/ready': open,
  'GET /api/health': open,
  'GET /api/health/live': open,
  'GET /api/health/ready': open,
  'GET /metrics': open,
  'GET /': open,
  'GET /desk': open,
  'GET /assets/*path': { ...open, path: '/assets/playground/main.js' },
  'GET /vendor/preact.js': open,
  'GET /vendor/socket.io.js': open,
  'GET /config.json': open,

  'POST /auth/register': {
    access: 'public',
    ok: 201,
    body: { email: 'new@example.com', password: 'lamp quiet orbit', name: 'New' },
  },
  'POST /auth/login': { ...open, body: { email: 'owner@example.com', password: 'a long password of owner' } },
  'POST /auth/refresh': {
    access: 'public',
    ok: 401,
    refusal: 'REFRESH_TOKEN_INVALID',
    body: { refreshToken: 'x'.repeat(43) },
  },
  'POST /auth/logout': { ...own, ok: 204, endsCaller: true },
  'GET /auth/google': { access: 'public', ok: 404, refusal: 'GOOGLE_NOT_CONFIGURED' },
  'GET /auth/google/callback': { access: 'public', ok: 404, refusal: 'GOOGLE_NOT_CONFIGURED' },

  'GET /auth/me': own,
  'GET /users/me': own,
  'PUT /users/me': { ...own, body: { name: 'Ada' } },
  'PATCH /users/me': { ...own, body: { name: 'Ada' } },
  'DELETE /users/me': { ...own, ok: 204, endsCaller: true },
  'GET /users/me/export': own,
  'GET /users/me/usage': own,
  'GET /users/me/mentions': { ...own, isList: true },
  'GET /users': [
    { ...own, query: { search: 'ada' }, isList: true },
    { access: 'admin', ok: 200, isList: true },
  ],
  'PATCH /users/:id/role': {
    access: 'admin',
    ok: 200,
    body: { role: 'user' },
    refs: { 'params.id': { kind: 'person', absent: 'USER_NOT_FOUND', isShared: true } },
  },

  'GET /groups': { ...own, isList: true },
  'POST /groups': { ...own, ok: 201, body: { name: 'Plans' }, isIdempotent: true },
  'PATCH /groups/:id': of({ 'params.id': group() }, { body: { name: 'Old plans' } }),
  'DELETE /groups/:id': of({ 'params.id': group() }),
  'GET /groups/:id/sessions': of({ 'params.id': group() }, { isList: true }),

  'GET /sessions': of({ 'query.groupId': extra({ kind: 'group', absent: null }) }, { isList: true }),
  'POST /sessions': of({ 'body.groupId': group() }, { ok: 201, body: { title: 'Tea' }, isIdempotent: true }),
  'GET /sessions/:id': of({ 'params.id': session() }),
  'PATCH /sessions/:id': of({ 'params.id': session(), 'body.groupId': group() }, { body: { title: 'Coffee' } }),
  'PATCH /sessions/:id/favorite': of({ 'params.id': session() }, { body: { isFavorite: true } }),
  'PATCH /sessions/:id/group': of({ 'params.id': session(), 'body.groupId': group() }),
  'DELETE /sessions/:id': of({ 'params.id': session() }),
  'GET /sessions/:id/export.json': of({ 'params.id': session() }),
  'GET /sessions/:id/export.md': of({ 'params.id': session() }),
  'POST /sessions/:id/stop': of({ 'params.id': session() }),

  'GET /messages/search': of(
    { 'query.conversationId': session('CONVERSATION_NOT_FOUND') },
    { query: { q: 'tea' }, isList: true },
  ),
  'GET /messages/:id': of({ 'params.id': session() }, { isList: true }),
  'POST /messages': of(
    {
      'body.sessionId': session(),
      'body.replyToId': message(),
      'body.chatRoomId': extra(room(), 'body.sessionId'),
    },
    { ok: 201, body: { role: 'user', content: 'and another one' }, isIdempotent: true },
  ),
  'POST /messages/stream': of({ 'body.sessionId': session() }, { body: { prompt: 'and a streamed one' } }),
  'PATCH /messages/:id': of({ 'params.id': message() }, { body: { content: 'a better question' } }),
  'DELETE /messages/:id': of({ 'params.id': message() }),
  'GET /messages/:id/revisions': of({ 'params.id': message() }, { isList: true }),
  'POST /messages/:id/reactions/:emoji': of(
    { 'params.id': roomMessage() },
    { path: '/messages/:id/reactions/%F0%9F%91%8D' },
  ),
  'DELETE /messages/:id/reactions/:emoji': of(
    { 'params.id': roomMessage() },
    { path: '/messages/:id/reactions/%F0%9F%91%8D' },
  ),
  'POST /messages/:id/regenerate': of({ 'params.id': message('answer') }, { ok: 201, isIdempotent: true }),
  'POST /messages/:id/stop': of({ 'params.id': message('answer') }),
  'GET /conversations/:id/sync': of({ 'params.id': session('CONVERSATION_NOT_FOUND') }),
  'GET /ai/models': own,

  'GET /chat-rooms': { ...own, isList: true },
  'POST /chat-rooms': of(
    { 'body.participantIds': people() },
    { ok: 201, body: { type: 'GROUP', name: 'Tea' }, isIdempotent: true },
  ),
  'GET /chat-rooms/:id': of({ 'params.id': room() }),
  'PATCH /chat-rooms/:id': of({ 'params.id': room() }, { body: { name: 'Coffee' } }),
  'DELETE /chat-rooms/:id': of({ 'params.id': room() }),
  'GET /chat-rooms/:id/messages': of({ 'params.id': room() }, { isList: true }),
  'POST /chat-rooms/:id/messages': of(
    { 'params.id': room(), 'body.replyToId': extra(roomMessage()) },
    { ok: 201, body: { content: 'said over REST' }, isIdempotent: true },
  ),
  'POST /chat-rooms/:id/participants': of(
    { 'params.id': room(), 'body.participantIds': people() },
    { ok: 201, isIdempotent: true },
  ),
  'PATCH /chat-rooms/:id/participants/:userId': of(
    { 'params.id': room(), 'params.userId': member() },
    { body: { role: 'ADMIN' } },
  ),
  'DELETE /chat-rooms/:id/participants/:userId': of({ 'params.id': room(), 'params.userId': member() }),
  'POST /chat-rooms/:id/read': of({ 'params.id': room() }, { body: { seq: 1 } }),

  'POST /telegram/webhook': { access: 'public', ok: 401, refusal: 'UNAUTHORIZED' },
  'POST /webhook/telegram': { access: 'public', ok: 401, refusal: 'UNAUTHORIZED' },

  'POST /sse/ticket': { ...own, ok: 201 },
  'GET /sse/sessions/:id/stream': [
    of({ 'params.id': session() }, { staysOpen: true }),
    of({ 'params.id': session() }, { query: { prompt: 'a question in an address' } }),
  ],
  'GET /sse/chat-rooms/:id/stream': of({ 'params.id': room() }, { staysOpen: true }),

  'POST /api/v1/auth/register': v1(open, {
    ok: 201,
    body: { email: 'newer@example.com', username: 'newer', password: 'lamp quiet orbit' },
  }),
  'POST /api/v1/auth/login': v1(open, { body: { email: 'owner@example.com', password: 'a long password of owner' } }),
  'POST /api/v1/auth/refresh': v1(open, {
    ok: 401,
    refusal: 'REFRESH_TOKEN_INVALID',
    body: { refresh_token: 'x'.repeat(43) },
  }),
  'POST /api/v1/auth/logout': v1(own, { endsCaller: true }),
  'GET /api/v1/users/me': v1(own),
  'PUT /api/v1/users/me': v1(own, { body: { username: 'Ada' } }),
  'GET /api/v1/chats': v1(own, { isList: true, lenient: { include_archived: 'anything' } }),
  'POST /api/v1/chats': v1(own, {
    ok: 201,
    body: { title: 'Tea' },
    isIdempotent: true,
    lenient: { title: 'blank', model_used: 'blank' },
  }),
  'GET /api/v1/chats/:id': v1(of({ 'params.id': session() }), { lenient: { include_messages: 'anything' } }),
  'PUT /api/v1/chats/:id': v1(of({ 'params.id': session() }), { body: { title: 'Coffee' } }),
  'DELETE /api/v1/chats/:id': v1(of({ 'params.id': session() })),
  'POST /api/v1/chats/:id/restore': v1(of({ 'params.id': session() })),
  'GET /api/v1/stream/chat/:session_id': v1(of({ 'params.session_id': session() }), {
    query: { message: 'a question in another dialect' },
  }),

  'POST /api/auth/login': { ...open, body: { email: 'admin@example.com', password: 'a long password of admin' } },
  'GET /api/operators': desk({ hasOwnPaging: true }),
  'GET /api/operators/me': desk(),
  'POST /api/operators': {
    access: 'admin',
    ok: 201,
    body: { email: 'grace@example.com', password: 'lamp quiet orbit', name: 'Grace', role: 'operator' },
    isIdempotent: true,
    uniqueEmail: true,
  },
  'PATCH /api/operators/:id': {
    access: 'admin',
    ok: 200,
    body: { name: 'Colleague' },
    refs: { 'params.id': shared('operator', 'OPERATOR_NOT_FOUND') },
  },
  'GET /api/audit': {
    access: 'admin',
    ok: 200,
    refs: { 'query.actor_id': extra(shared('operator', null)), 'query.subject_id': extra(shared('operator', null)) },
    isList: true,
  },
  'GET /api/telegram/dead-letters': { access: 'admin', ok: 200, isList: true },
  // Nothing was put aside in the contract's world.
  'POST /api/telegram/dead-letters/:updateId/redrive': {
    access: 'admin',
    ok: 404,
    refusal: 'DEAD_LETTER_NOT_FOUND',
    path: '/api/telegram/dead-letters/1/redrive',
  },
  'GET /api/stats': desk(),
  'GET /api/chats': desk({
    hasOwnPaging: true,
    refs: { 'query.operator_id': extra(shared('operator', null)) },
    lenient: { search: 'blank' },
  }),
  'POST /api/chats': desk({
    body: {},
    refs: { 'body.operator_id': extra(shared('operator', null)) },
    lenient: { search: 'blank' },
  }),
  'GET /api/chats/:id': deskOf(chat()),
  'PATCH /api/chats/:id': deskOf(chat(), { body: { priority: 'high' } }),
  'GET /api/chats/:id/messages': deskOf(chat(), { hasOwnPaging: true }),
  'POST /api/chats/:id/messages': deskOf(chat(), { ok: 201, body: { text: 'Hello!' }, isIdempotent: true }),
  'POST /api/chats/:id/read': deskOf(chat(), { body: {} }),
  // No message of the contract's world carries a file.
  'GET /api/chats/:id/files/:messageId': deskOf(chat(), {
    ok: 404,
    refusal: 'FILE_NOT_FOUND',
    path: '/api/chats/:id/files/01900000-0000-7000-8000-000000000000',
  }),
  'GET /api/chats/:id/notes': deskOf(chat(), { hasOwnPaging: true }),
  'POST /api/chats/:id/notes': deskOf(chat(), { ok: 201, body: { text: 'Is in a hurry.' }, isIdempotent: true }),
  'POST /api/chats/:id/draft': deskOf(chat()),
  'POST /api/chats/:id/take': deskOf(chat('waitingChat')),
  'POST /api/chats/:id/transfer': { ...deskOf(chat(), { body: { operatorId: 'queue' } }), access: 'senior_operator' },
  'POST /api/chats/:id/return': deskOf(chat()),
  'POST /api/chats/:id/close': deskOf(chat(), { body: {}, lenient: { resolution: 'blank' } }),
  'POST /api/chats/:id/reopen': { ...deskOf(chat('closedChat')), access: 'senior_operator' },
  'GET /api/canned-replies': desk({ hasOwnPaging: true }),
  'POST /api/canned-replies': desk({ ok: 201, body: { title: 'Hi', text: 'Hello!' }, isIdempotent: true }),
  'GET /api/canned-replies/:id': deskOf(shared('cannedReply', 'CANNED_REPLY_NOT_FOUND')),
  'PATCH /api/canned-replies/:id': deskOf(shared('cannedReply', 'CANNED_REPLY_NOT_FOUND'), { body: { title: 'Hey' } }),
  'DELETE /api/canned-replies/:id': deskOf(shared('cannedReply', 'CANNED_REPLY_NOT_FOUND'), { ok: 204 }),
  'PATCH /api/operators/me': desk({ body: { status: 'online' } }),
  // The last one: nothing is answered in that session any more.
  'POST /sessions/:id/escalate': of({ 'params.id': session() }, { body: {}, lenient: { reason: 'blank' } }),
};

/** Every command of the socket, and nothing else. */
export const EVENT_POLICIES: Readonly<Record<ClientEventName, EventPolicy>> = {
  'auth:refresh': {},
  join: { refs: { sessionId: session() } },
  leave: { refs: { sessionId: { kind: 'session', absent: null } } },
  'message:send': {
    payload: { content: 'a question on a socket' },
    refs: { sessionId: session(), replyToId: extra(message()) },
  },
  'message:stop': { refs: { messageId: message('answer') } },
  'message:regenerate': { refs: { messageId: message('answer') } },
  typing: {
    payload: { typing: true },
    refs: { sessionId: session(), chatRoomId: extra({ kind: 'room', absent: 'VALIDATION_FAILED' }) },
  },
  createChatRoom: { payload: { type: 'GROUP' }, refs: { participantIds: people() } },
  updateChatRoom: { payload: { updates: { name: 'Coffee' } }, refs: { chatRoomId: room() } },
  joinChatRoom: { refs: { chatRoomId: room() } },
  leaveChatRoom: { refs: { chatRoomId: room() } },
  addParticipants: { refs: { chatRoomId: room(), participantIds: people() } },
  removeParticipant: { refs: { chatRoomId: room(), participantId: member() } },
  sendMessage: {
    payload: { content: 'said on a socket' },
    refs: { chatRoomId: room(), replyToId: extra(roomMessage()) },
  },
  editMessage: { payload: { content: 'said better' }, refs: { messageId: roomMessage() } },
  deleteMessage: { refs: { messageId: roomMessage() } },
  react: { payload: { emoji: '👍', on: true }, refs: { messageId: roomMessage() } },
  messageDelivered: { refs: { chatRoomId: room(), messageId: roomMessage() } },
  messageRead: { refs: { chatRoomId: room(), messageId: roomMessage() } },
  presence: { refs: { userIds: people(null) } },
  sync: { payload: { since: 0 }, refs: { conversationId: session('CONVERSATION_NOT_FOUND') } },
};

/** A route's policies, in one form. */
export const policiesOf = (route: string): readonly RoutePolicy[] => [ROUTE_POLICIES[route] ?? []].flat();
