import type { ChatRoomResponse, ParticipantResponse } from '../../chat-rooms/dto/chat-room.response.dto.js';
import type { MessageResponse } from '../../messages/dto/message.response.dto.js';

/** The people and things of the examples. */
export const ADA = '01a1fd51-a0a7-70e5-87d2-8a4eabdb7dff';
export const BOB = '01a1fd51-a1c4-7f8e-b5a1-3c1f9be04d21';
export const CYD = '01a1fd51-a1e9-7d20-9c3b-5e7ad0c8f642';
export const SESSION = '01a1fd51-a309-72ac-ac2d-d78de8d94547';
export const ROOM = '01a1fd51-b0d2-7a4c-8e11-6f0c2a9d7b35';
export const TOKEN = 'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.…';

export const QUESTION: MessageResponse = {
  id: '01a1fd52-ce5b-7b0e-9d55-0c8c37f1a2b4',
  conversationId: SESSION,
  sessionId: SESSION,
  seq: 10,
  changeSeq: 10,
  role: 'user',
  senderId: ADA,
  content: 'Once more?',
  status: 'complete',
  createdAt: '2026-11-21T08:57:06.907Z',
  clientMessageId: 'c-1',
};

export const USAGE = { promptTokens: 211, completionTokens: 5, kind: 'exact' as const };

/** The answer to it while it is empty. */
export const BEGUN: MessageResponse = {
  id: '01a1fd52-ce65-7c19-8f02-91b5d6a3e7f0',
  conversationId: SESSION,
  sessionId: SESSION,
  seq: 11,
  changeSeq: 11,
  role: 'assistant',
  senderId: null,
  content: '',
  status: 'streaming',
  createdAt: '2026-11-21T08:57:06.917Z',
  replyToId: QUESTION.id,
  model: 'gpt-4o-mini',
};

export const ANSWER: MessageResponse = {
  ...BEGUN,
  changeSeq: 12,
  content: 'Gladly, once more.',
  status: 'complete',
  usage: USAGE,
};

const person = (id: string, firstName: string, lastName: string) => ({
  id,
  name: `${firstName} ${lastName}`,
  firstName,
  lastName,
  role: 'user' as const,
  avatarUrl: null,
});

const place = (
  user: ReturnType<typeof person>,
  role: ParticipantResponse['role'],
  changeSeq: number,
): ParticipantResponse => ({
  id: user.id,
  userId: user.id,
  role,
  joinedAt: '2026-11-21T08:58:00.100Z',
  lastReadSeq: 0,
  lastDeliveredSeq: 0,
  changeSeq,
  user,
});

const ADA_HERSELF = person(ADA, 'Ada', 'Lovelace');

export const ADA_THERE = place(ADA_HERSELF, 'OWNER', 0);
export const BOB_THERE = place(person(BOB, 'Bob', 'Noyce'), 'MEMBER', 0);
export const CYD_THERE = place(person(CYD, 'Cyd', 'Charisse'), 'MEMBER', 3);

export const CHAT_ROOM: ChatRoomResponse = {
  id: ROOM,
  name: 'Tea',
  type: 'GROUP',
  isArchived: false,
  changeSeq: 0,
  createdAt: '2026-11-21T08:58:00.100Z',
  updatedAt: '2026-11-21T08:58:00.100Z',
  unreadCount: 0,
  participants: [ADA_THERE, BOB_THERE],
};

/** What Ada says in the room. */
export const SAID: MessageResponse = {
  id: '01a1fd53-0a11-7e3d-a6c4-47b2f8d1905e',
  conversationId: ROOM,
  chatRoomId: ROOM,
  seq: 1,
  changeSeq: 1,
  role: 'user',
  senderId: ADA,
  content: 'Which tea?',
  status: 'complete',
  createdAt: '2026-11-21T08:58:10.321Z',
  sender: ADA_HERSELF,
  fileUrl: null,
  fileName: null,
  fileSize: null,
  isRead: false,
  reactions: [],
  mentions: [],
  clientMessageId: 'c-7',
};

export const EDITED: MessageResponse = {
  ...SAID,
  changeSeq: 2,
  content: 'Which tea, green or black?',
  editedAt: '2026-11-21T08:58:30.002Z',
};
