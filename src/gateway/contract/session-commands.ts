import { SendSessionMessageDto } from '../../messages/dto/send-message.dto.js';
import { SyncResponse } from '../../messages/dto/sync.response.dto.js';
import { JoinedSessionAck, MessageAck } from '../dto/acks.dto.js';
import { JoinSessionDto, MessageRefDto, SessionRefDto, SyncDto, TypingDto } from '../dto/commands.dto.js';
import { command, plainCommand } from './entries.js';
import { ANSWER, BEGUN, EDITED, QUESTION, ROOM, SESSION } from './example-values.js';

/** Commands about AI sessions, and those that sessions and rooms have in common. */
export const SESSION_COMMANDS = {
  join: command(JoinSessionDto, JoinedSessionAck, {
    does: 'begins to watch a session; with `since`, tells what changed after that number',
    errors: ['SESSION_NOT_FOUND'],
    examples: {
      sessions: {
        send: { sessionId: SESSION, since: 9 },
        ack: {
          head: 11,
          messages: [QUESTION, { ...BEGUN, content: 'Gladly,' }],
          streaming: { messageId: BEGUN.id, content: 'Gladly,' },
        },
      },
    },
  }),
  leave: plainCommand(SessionRefDto, {
    does: 'watches it no longer',
    errors: [],
    examples: { sessions: { send: { sessionId: SESSION }, ack: null } },
  }),
  'message:send': command(SendSessionMessageDto, MessageAck, {
    does: 'asks; the assistant answers',
    errors: ['SESSION_NOT_FOUND', 'MESSAGE_NOT_FOUND', 'IDEMPOTENCY_KEY_REUSED', 'TOKEN_QUOTA_EXCEEDED'],
    examples: {
      sessions: {
        send: { sessionId: SESSION, content: QUESTION.content, clientMessageId: 'c-1' },
        ack: { message: QUESTION },
      },
    },
  }),
  'message:stop': plainCommand(MessageRefDto, {
    does: 'ends a running answer; its text stays',
    errors: ['MESSAGE_NOT_FOUND'],
    examples: { sessions: { send: { messageId: BEGUN.id }, ack: null } },
  }),
  'message:regenerate': command(MessageRefDto, MessageAck, {
    does: 'makes an answer again; the former one stays, superseded. The ack has the new one, still empty',
    errors: ['MESSAGE_NOT_FOUND', 'NOTHING_TO_REGENERATE', 'TOKEN_QUOTA_EXCEEDED'],
    examples: { sessions: { send: { messageId: ANSWER.id }, ack: { message: BEGUN } } },
  }),
  typing: plainCommand(TypingDto, {
    does: 'tells the others that you began or ended to type',
    errors: ['SESSION_NOT_FOUND', 'CHAT_ROOM_NOT_FOUND'],
    examples: {
      sessions: { send: { sessionId: SESSION, typing: true }, ack: null, shape: '`{ sessionId, typing }`' },
      rooms: { send: { chatRoomId: ROOM, isTyping: true }, ack: null, shape: '`{ chatRoomId, isTyping }`' },
    },
  }),
  sync: command(SyncDto, SyncResponse, {
    does: 'tells what changed in a conversation after a number, as `GET /conversations/:id/sync` does',
    errors: ['CONVERSATION_NOT_FOUND'],
    examples: {
      sessions: {
        send: { conversationId: SESSION, since: 9 },
        ack: { conversationId: SESSION, head: 12, messages: [QUESTION, ANSWER], more: false },
      },
      rooms: {
        send: { conversationId: ROOM, since: 1 },
        ack: { conversationId: ROOM, head: 2, messages: [EDITED], participants: [], more: false },
      },
    },
  }),
};
