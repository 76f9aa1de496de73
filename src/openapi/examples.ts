const USER_ID = '01a1fd51-a0a7-70e5-87d2-8a4eabdb7dff';
const GROUP_ID = '01a1fd51-a280-746c-b2ef-b666a40eb648';
const SESSION_ID = '01a1fd51-a309-72ac-ac2d-d78de8d94547';
const QUESTION_ID = '01a1fd51-a36b-7369-a2c1-9f20a6b52840';
const ANSWER_ID = '01a1fd51-a388-7510-b6a0-27fe77426aa4';

const QUESTION = {
  id: QUESTION_ID,
  conversationId: SESSION_ID,
  sessionId: SESSION_ID,
  seq: 1,
  changeSeq: 1,
  role: 'user',
  senderId: USER_ID,
  content: 'Where does the sun set last?',
  status: 'complete',
  createdAt: '2026-11-21T08:55:48.335Z',
};
const ANSWER = {
  id: ANSWER_ID,
  conversationId: SESSION_ID,
  sessionId: SESSION_ID,
  seq: 2,
  changeSeq: 3,
  role: 'assistant',
  senderId: null,
  content: 'On the islands just east of the date line.',
  status: 'complete',
  createdAt: '2026-11-21T08:55:48.403Z',
  replyToId: QUESTION_ID,
  model: 'gpt-4o-mini',
  usage: { promptTokens: 24, completionTokens: 11, kind: 'exact' },
};
const SESSION = {
  id: SESSION_ID,
  title: 'Where does the sun set last?',
  model: 'gpt-4o-mini',
  provider: 'openai',
  groupId: GROUP_ID,
  isFavorite: false,
  isArchived: false,
  lastMessage: { id: ANSWER_ID, role: 'assistant', content: ANSWER.content, createdAt: ANSWER.createdAt, seq: 2 },
  createdAt: '2026-11-21T08:55:48.235Z',
  updatedAt: '2026-11-21T08:55:48.403Z',
};

/** One example for each body that is not clear from its fields alone, by the name of its schema. */
export const EXAMPLES: Readonly<Record<string, object>> = {
  RegisterDto: { email: 'ada@example.org', password: 'lamp quiet orbit', name: 'Ada' },
  LoginDto: { email: 'ada@example.org', password: 'lamp quiet orbit' },
  RefreshDto: { refreshToken: 'PBjbfSpp2YFHQIx8dhkXs7OBS76urDUP3yTfWs1yTBw' },
  TokenResponse: {
    accessToken: 'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.…',
    refreshToken: 'PBjbfSpp2YFHQIx8dhkXs7OBS76urDUP3yTfWs1yTBw',
    tokenType: 'Bearer',
    expiresIn: 900,
  },
  UpdateMeDto: { name: 'Ada', firstName: 'Ada', lastName: 'Lovelace' },
  ChangeRoleDto: { role: 'operator' },
  CreateGroupDto: { name: 'Holiday plans' },
  UpdateGroupDto: { name: 'Trips' },
  CreateSessionDto: { title: 'Sunsets', systemPrompt: 'Answer in one sentence.' },
  UpdateSessionDto: { title: 'Sunsets and sunrises', isFavorite: true },
  SetFavoriteDto: { isFavorite: true },
  SetGroupDto: { groupId: GROUP_ID },
  SessionResponse: SESSION,
  SendMessageDto: { sessionId: SESSION_ID, role: 'user', content: QUESTION.content },
  StreamMessageDto: { sessionId: SESSION_ID, prompt: QUESTION.content },
  EditMessageDto: { content: 'Where does the sun set first?' },
  MessageResponse: ANSWER,
  SyncResponse: { conversationId: SESSION_ID, head: 3, more: false, messages: [QUESTION, ANSWER] },
  SessionExportResponse: { session: SESSION, messages: [QUESTION, ANSWER] },
};
