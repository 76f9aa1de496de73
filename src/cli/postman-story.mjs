// The order in which docs/postman.json goes through the API, so that it runs from top to bottom against a fresh server.
// A step names an operation of docs/openapi.json and says what differs from the bare request:
//   id: the variable in the path; path: what stands in its other places; query, headers, body: what is sent; status: the expected answer(s), else the documented success;
//   keep: variables taken from the answer (JavaScript on `answer`, the parsed body, or `text`); check: further assertions;
//   pause: ms before it (AI messages of one person stay RATE_LIMIT_MS apart); token: another variable than accessToken.

/** A little more than the default of RATE_LIMIT_MS. */
const BETWEEN_MESSAGES_MS = 3_200;

const tokens = { accessToken: 'answer.accessToken', refreshToken: 'answer.refreshToken' };
const credentials = { email: '{{email}}', password: '{{password}}' };

export const VARIABLES = { baseUrl: 'http://localhost:3001', email: '', password: 'lamp quiet orbit' };

export const STORY = {
  'Sign in': [
    { operation: 'register', body: { ...credentials, name: 'Ada' }, keep: tokens },
    { operation: 'login', body: credentials, keep: tokens },
    { operation: 'refresh', body: { refreshToken: '{{refreshToken}}' }, keep: tokens },
    { operation: 'getMe', keep: { userId: 'answer.id' }, check: ["pm.expect(answer.name).to.eql('Ada');"] },
    { operation: 'getMeAlias' },
  ],
  'Your account': [
    { operation: 'patchMe', body: { firstName: 'Ada' } },
    { operation: 'putMe', body: { lastName: 'Lovelace' } },
    { operation: 'getMyUsage' },
    { operation: 'exportMe' },
    { operation: 'listUsers', query: { search: 'Ada' } },
    { operation: 'changeUserRole', id: 'userId', body: { role: 'operator' }, status: [403] },
  ],
  'Groups and sessions': [
    { operation: 'createGroup', body: { name: 'Holiday plans' }, keep: { groupId: 'answer.id' } },
    { operation: 'listGroups', check: ['pm.expect(answer).to.have.lengthOf(1);'] },
    { operation: 'updateGroup', id: 'groupId', body: { name: 'Trips' } },
    { operation: 'listModels' },
    { operation: 'createSession', body: { groupId: '{{groupId}}' }, keep: { sessionId: 'answer.id' } },
    { operation: 'getSession', id: 'sessionId' },
    { operation: 'listSessions', query: { limit: '20' }, check: ['pm.expect(answer).to.have.lengthOf(1);'] },
    { operation: 'updateSession', id: 'sessionId', body: { isFavorite: true } },
    { operation: 'setSessionFavorite', id: 'sessionId', body: { isFavorite: false } },
    { operation: 'setSessionGroup', id: 'sessionId', body: { groupId: '{{groupId}}' } },
    { operation: 'listGroupSessions', id: 'groupId', check: ['pm.expect(answer).to.have.lengthOf(1);'] },
  ],
  'Talk to the assistant': [
    {
      operation: 'sendMessage',
      headers: { 'Idempotency-Key': '{{$guid}}' },
      body: { sessionId: '{{sessionId}}', role: 'user', content: 'Where does the sun set last?' },
      keep: { questionId: 'answer.id' },
      check: ['pm.expect(answer.seq).to.eql(1);'],
    },
    {
      operation: 'streamAnswer',
      pause: BETWEEN_MESSAGES_MS,
      body: { sessionId: '{{sessionId}}', prompt: 'And where first?' },
      keep: { answerId: "JSON.parse(text.trim().split('\\n').pop()).messageId" },
    },
    { operation: 'listMessages', id: 'sessionId', check: ['pm.expect(answer).to.have.lengthOf(4);'] },
    { operation: 'searchMessages', query: { q: 'sun' } },
    { operation: 'syncConversation', id: 'sessionId', query: { since: '0' } },
    { operation: 'regenerateAnswer', id: 'answerId', keep: { runningId: 'answer.id' } },
    { operation: 'stopAnswer', id: 'runningId' },
    { operation: 'stopSession', id: 'sessionId' },
    { operation: 'editMessage', id: 'questionId', body: { content: 'Where does the sun set first?' } },
    { operation: 'listMessageRevisions', id: 'questionId', check: ['pm.expect(answer).to.have.lengthOf(1);'] },
    { operation: 'createStreamTicket', keep: { ticket: 'answer.ticket' } },
    {
      operation: 'streamSession',
      status: [200],
      id: 'sessionId',
      pause: BETWEEN_MESSAGES_MS,
      query: { prompt: 'And last?' },
      check: ["pm.expect(text).to.include('event: message:done');"],
    },
    { operation: 'exportSessionAsJson', id: 'sessionId' },
    { operation: 'exportSessionAsMarkdown', id: 'sessionId' },
    { operation: 'removeMessage', id: 'questionId' },
  ],
  'The snake_case dialect': [
    {
      operation: 'registerApiV1Auth',
      body: { email: 'v1.{{email}}', username: 'ada', password: '{{password}}' },
      keep: { v1Token: 'answer.access_token', v1Refresh: 'answer.refresh_token' },
    },
    { operation: 'loginApiV1Auth', body: { email: 'v1.{{email}}', password: '{{password}}' } },
    {
      operation: 'refreshApiV1Auth',
      body: { refresh_token: '{{v1Refresh}}' },
      keep: { v1Token: 'answer.access_token' },
    },
    { operation: 'getApiV1User', token: 'v1Token', check: ["pm.expect(answer.username).to.eql('ada');"] },
    { operation: 'updateApiV1User', token: 'v1Token', body: { username: 'lovelace' } },
    { operation: 'createApiV1Chat', token: 'v1Token', body: { title: 'Sunsets' }, keep: { chatId: 'answer.id' } },
    { operation: 'listApiV1Chats', token: 'v1Token', check: ['pm.expect(answer).to.have.lengthOf(1);'] },
    {
      operation: 'askApiV1Stream',
      token: 'v1Token',
      id: 'chatId',
      query: { message: 'Where does the sun set last?' },
      check: ["pm.expect(text).to.include('complete');"],
    },
    { operation: 'getApiV1Chat', token: 'v1Token', id: 'chatId', query: { include_messages: 'true' } },
    { operation: 'renameApiV1Chat', token: 'v1Token', id: 'chatId', body: { title: 'Sunrises' } },
    { operation: 'archiveApiV1Chat', token: 'v1Token', id: 'chatId' },
    { operation: 'restoreApiV1Chat', token: 'v1Token', id: 'chatId' },
    { operation: 'logoutApiV1Auth', token: 'v1Token' },
  ],
  'Chat rooms': [
    {
      operation: 'createChatRoom',
      body: { type: 'GROUP', name: 'Tea', participantIds: [] },
      keep: { roomId: 'answer.id' },
    },
    { operation: 'listChatRooms', check: ['pm.expect(answer).to.have.lengthOf(1);'] },
    { operation: 'getChatRoom', id: 'roomId' },
    { operation: 'updateChatRoom', id: 'roomId', body: { name: 'Coffee' } },
    {
      operation: 'sendRoomMessage',
      id: 'roomId',
      body: { content: 'Anybody here?' },
      keep: { roomMessageId: 'answer.id' },
    },
    { operation: 'addReaction', id: 'roomMessageId', path: { emoji: '👍' } },
    { operation: 'listMyMentions' },
    { operation: 'removeReaction', id: 'roomMessageId', path: { emoji: '👍' } },
    { operation: 'listRoomMessages', id: 'roomId', check: ['pm.expect(answer).to.have.lengthOf(1);'] },
    { operation: 'readChatRoom', id: 'roomId', body: { seq: 1 } },
    { operation: 'addChatRoomParticipants', id: 'roomId', body: { participantIds: ['{{userId}}'] } },
    { operation: 'removeChatRoom', id: 'roomId' },
    { operation: 'removeChatRoomParticipant', id: 'roomId', status: [404] },
  ],
  'The server': [
    { operation: 'getHealth' },
    { operation: 'getHealthAlias' },
    { operation: 'getLiveness' },
    { operation: 'getLivenessAlias' },
    { operation: 'getReadiness' },
    { operation: 'getReadinessAlias' },
    { operation: 'getMetrics', headers: { Accept: 'application/json' } },
    { operation: 'getPageConfig' },
    // Without a browser these can only be refused, or switched off.
    { operation: 'beginGoogleSignIn', status: [302, 404] },
    { operation: 'finishGoogleSignIn', status: [302, 401, 404] },
  ],
  'Tidy up': [
    { operation: 'removeSession', id: 'sessionId' },
    { operation: 'removeGroup', id: 'groupId' },
    { operation: 'logout' },
    { operation: 'login', body: credentials, keep: tokens },
    { operation: 'eraseMe' },
  ],
};
