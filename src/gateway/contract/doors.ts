import { CLIENT_COMMANDS } from './client-events.js';
import { CONNECTION_EVENTS, STREAM_EVENTS } from './connection-events.js';
import { DESK_COMMANDS, DESK_FRAMES } from './desk-frames.js';
import type { CommandEntry, EventEntry } from './entries.js';
import { ROOM_EVENTS } from './room-events.js';
import { SESSION_EVENTS } from './session-events.js';
import { API_V1_FRAMES, NDJSON_LINES, PLAIN_COMMANDS, PLAIN_FRAMES } from './stream-frames.js';

/** A door that stays open, as the documents describe it; a new one is described by a new entry of the list below. */
export interface LiveDoor {
  /** Its key in the documents. */
  readonly id: string;
  readonly title: string;
  /** Where it is; ids in braces. */
  readonly address: string;
  readonly protocol: 'socket.io' | 'http' | 'ws';
  readonly security: readonly ('bearer' | 'handshake' | 'ticket' | 'query')[];
  readonly description: string;
  /** Commands, which are answered each by an ack. */
  readonly commands?: Readonly<Record<string, CommandEntry<object, object | null>>>;
  /** What clients may say that is not answered one by one. */
  readonly takes?: Readonly<Record<string, EventEntry<object>>>;
  readonly says: Readonly<Record<string, EventEntry<object>>>;
}

const { closing } = CONNECTION_EVENTS;
/** A stream is about one session, which was there before. */
const { 'session:created': _, ...OF_ONE_SESSION } = SESSION_EVENTS;

const { typing: __, 'session:deleted': ___, 'session:updated': ____, ...ANSWER_EVENTS } = OF_ONE_SESSION;
/** Another one is about one room, and is read by somebody who is in it and looks at it. */
const ELSEWHERE = ['chatRoomCreated', 'joinedChatRoom', 'leftChatRoom', 'chatUpdated', 'addedToChatRoom', 'presence'];
const WITHOUT_ROOM = ['messageDeliveredConfirmed'];
const OF_ONE_ROOM = Object.fromEntries(
  Object.entries(ROOM_EVENTS).filter(([name]) => ![...ELSEWHERE, ...WITHOUT_ROOM].includes(name)),
);

/** All doors that stay open. */
export const LIVE_DOORS: readonly LiveDoor[] = [
  {
    id: 'chat',
    title: 'Socket.IO, namespace /chat',
    address: '/chat',
    protocol: 'socket.io',
    security: ['handshake', 'bearer'],
    description:
      'The payload of a message is the argument of the event. Every command may carry an ack, which comes exactly once; without one a refusal is the event `error`.',
    commands: CLIENT_COMMANDS as unknown as LiveDoor['commands'],
    says: { ...CONNECTION_EVENTS, ...SESSION_EVENTS, ...ROOM_EVENTS },
  },
  {
    id: 'sessionStream',
    title: 'Server-Sent Events of a session',
    address: '/sse/sessions/{id}/stream',
    protocol: 'http',
    security: ['bearer', 'ticket'],
    description: 'The name of a message is the `event` of the frame, its payload the `data`; `id` is `<seq>.<offset>`.',
    says: { ...OF_ONE_SESSION, ...STREAM_EVENTS, closing },
  },
  {
    id: 'roomStream',
    title: 'Server-Sent Events of a chat room',
    address: '/sse/chat-rooms/{id}/stream',
    protocol: 'http',
    security: ['bearer', 'ticket'],
    description:
      'What who looks at the room is told, until the reader is not in it any more. The name of a message is the `event` of the frame, its payload the `data`; `id` is `<seq>.<offset>`.',
    says: { ...OF_ONE_ROOM, ...ANSWER_EVENTS, ...STREAM_EVENTS, closing },
  },
  {
    id: 'answerLines',
    title: 'An answer as lines of JSON',
    address: '/messages/stream',
    protocol: 'http',
    security: ['bearer'],
    description:
      'The answer to `POST /messages/stream`: one object a line, the last one `done`, `failed` or `closing`.',
    says: NDJSON_LINES,
  },
  {
    id: 'apiV1Stream',
    title: 'An answer in the snake_case dialect',
    address: '/api/v1/stream/chat/{id}',
    protocol: 'http',
    security: ['bearer'],
    description: 'Server-Sent Events; the `event` of a frame is the name up to the dot.',
    says: API_V1_FRAMES,
  },
  {
    id: 'plain',
    title: 'The plain WebSocket',
    address: '/',
    protocol: 'ws',
    security: ['query', 'ticket'],
    description: 'One JSON object a frame; without a token, where `ANONYMOUS_CHAT` is on, nothing is stored.',
    takes: PLAIN_COMMANDS,
    says: PLAIN_FRAMES,
  },
  {
    id: 'desk',
    title: 'The WebSocket of the operator desk',
    address: '/ws',
    protocol: 'ws',
    security: ['query', 'ticket'],
    description:
      'One JSON object a frame. Without a token in the address the first frame is `auth`, within 10 s. Operators are told about waiting chats and their own, seniors about all.',
    takes: DESK_COMMANDS,
    says: DESK_FRAMES,
  },
];
