import { CreateChatRoomDto } from '../../chat-rooms/dto/chat-room.dto.js';
import { SendRoomMessageDto } from '../../messages/dto/room-message.dto.js';
import { ChatRoomAck, JoinedRoomAck, MessageAck, PresenceAck } from '../dto/acks.dto.js';
import { MessageRefDto } from '../dto/commands.dto.js';
import {
  AddParticipantsCommandDto,
  EditMessageCommandDto,
  JoinRoomDto,
  PresenceDto,
  ReactDto,
  ReceiptDto,
  RemoveParticipantDto,
  RoomRefDto,
  UpdateRoomCommandDto,
} from '../dto/room-commands.dto.js';
import { command, plainCommand } from './entries.js';
import { BOB, CHAT_ROOM, CYD, EDITED, ROOM, SAID } from './example-values.js';

const receipt = { rooms: { send: { chatRoomId: ROOM, messageId: SAID.id }, ack: null } };

/** Commands about chat rooms. */
export const ROOM_COMMANDS = {
  createChatRoom: command(CreateChatRoomDto, ChatRoomAck, {
    does: 'makes a room; a second DIRECT one of the same two is the first',
    errors: ['USER_NOT_FOUND'],
    examples: {
      rooms: { send: { name: 'Tea', type: 'GROUP', participantIds: [BOB] }, ack: { chatRoom: CHAT_ROOM } },
    },
  }),
  updateChatRoom: command(UpdateRoomCommandDto, ChatRoomAck, {
    does: 'renames or archives a room (OWNER, ADMIN)',
    errors: ['CHAT_ROOM_NOT_FOUND', 'FORBIDDEN'],
    examples: {
      rooms: {
        send: { chatRoomId: ROOM, updates: { name: 'Tea time' } },
        ack: { chatRoom: { ...CHAT_ROOM, name: 'Tea time' } },
        shape: '`{ chatRoomId, updates: { name?, isArchived? } }`',
      },
    },
  }),
  joinChatRoom: command(JoinRoomDto, JoinedRoomAck, {
    does: 'begins to look at a room; with `since`, tells what changed after that number',
    errors: ['CHAT_ROOM_NOT_FOUND'],
    examples: {
      rooms: {
        send: { chatRoomId: ROOM, since: 1 },
        ack: { chatRoom: CHAT_ROOM, head: 2, messages: [EDITED], participants: [] },
      },
    },
  }),
  leaveChatRoom: plainCommand(RoomRefDto, {
    does: 'looks at it no longer (you stay in it)',
    errors: ['CHAT_ROOM_NOT_FOUND'],
    examples: { rooms: { send: { chatRoomId: ROOM }, ack: null } },
  }),
  sendMessage: command(SendRoomMessageDto, MessageAck, {
    does: 'says something',
    errors: ['CHAT_ROOM_NOT_FOUND', 'MESSAGE_NOT_FOUND', 'IDEMPOTENCY_KEY_REUSED'],
    examples: {
      rooms: {
        send: { chatRoomId: ROOM, content: SAID.content, clientMessageId: 'c-7' },
        ack: { message: SAID },
      },
    },
  }),
  editMessage: command(EditMessageCommandDto, MessageAck, {
    does: 'changes the text of a message of yours',
    errors: ['MESSAGE_NOT_FOUND', 'MESSAGE_NOT_EDITABLE', 'FORBIDDEN'],
    examples: {
      rooms: { send: { messageId: SAID.id, content: EDITED.content }, ack: { message: EDITED } },
    },
  }),
  deleteMessage: plainCommand(MessageRefDto, {
    does: 'empties a message of yours; OWNER and ADMIN those of others, too. Its place stays',
    errors: ['MESSAGE_NOT_FOUND', 'FORBIDDEN'],
    examples: { rooms: { send: { messageId: SAID.id }, ack: null } },
  }),
  react: command(ReactDto, MessageAck, {
    does: 'puts an emoji on a message or takes it off (`on`)',
    errors: ['MESSAGE_NOT_FOUND', 'MESSAGE_DELETED', 'TOO_MANY_REACTIONS'],
    examples: {
      rooms: {
        send: { messageId: SAID.id, emoji: '👍', on: true },
        ack: { message: { ...EDITED, changeSeq: 3, reactions: [{ emoji: '👍', count: 1, userIds: [BOB] }] } },
      },
    },
  }),
  messageDelivered: plainCommand(ReceiptDto, {
    does: 'this message and all before it have reached you',
    errors: ['CHAT_ROOM_NOT_FOUND', 'MESSAGE_NOT_FOUND'],
    examples: receipt,
  }),
  messageRead: plainCommand(ReceiptDto, {
    does: 'you have read this message and all before it',
    errors: ['CHAT_ROOM_NOT_FOUND', 'MESSAGE_NOT_FOUND'],
    examples: receipt,
  }),
  addParticipants: plainCommand(AddParticipantsCommandDto, {
    does: 'takes people in (OWNER, ADMIN)',
    errors: ['CHAT_ROOM_NOT_FOUND', 'USER_NOT_FOUND', 'CHAT_ROOM_FULL', 'CHAT_ROOM_IS_DIRECT', 'FORBIDDEN'],
    examples: { rooms: { send: { chatRoomId: ROOM, participantIds: [CYD] }, ack: null } },
  }),
  removeParticipant: plainCommand(RemoveParticipantDto, {
    does: 'removes a person, named by `userId` (OWNER, ADMIN); your own id: you leave',
    errors: ['CHAT_ROOM_NOT_FOUND', 'PARTICIPANT_NOT_FOUND', 'CHAT_ROOM_IS_DIRECT', 'FORBIDDEN'],
    examples: { rooms: { send: { chatRoomId: ROOM, participantId: CYD }, ack: null } },
  }),
  presence: command(PresenceDto, PresenceAck, {
    does: 'tells who of these people is here; of those who share no room with you nothing shows',
    errors: [],
    examples: {
      rooms: {
        send: { userIds: [BOB] },
        ack: { users: [{ userId: BOB, online: true, lastSeenAt: null }] },
        shape: '`{ userIds }`, 1000 at the most',
      },
    },
  }),
};
