import {
  AddedToRoomEvent,
  ChatRoomCreatedEvent,
  ChatRoomUpdatedEvent,
  MessageDeletedEvent,
  MentionedEvent,
  MessageDeliveredEvent,
  MessageReactionEvent,
  MessageReadEvent,
  MessageSentEvent,
  ParticipantRemovedEvent,
  ParticipantsAddedEvent,
  ParticipantsChangedEvent,
  PresenceState,
  RemovedFromRoomEvent,
  RoomMessageEvent,
  RoomPersonEvent,
  RoomRefEvent,
  UserTypingEvent,
} from '../dto/room-events.dto.js';
import { event } from './entries.js';
import { ADA, ADA_THERE, BOB, BOB_THERE, CHAT_ROOM, CYD, CYD_THERE, EDITED, ROOM, SAID } from './example-values.js';

const LOOKING = 'who looks at the room';
const OTHERS_LOOKING = 'the others who look at the room';

const { unreadCount: _, lastMessage: __, ...SHARED } = CHAT_ROOM;

/** What the server says about chat rooms. */
export const ROOM_EVENTS = {
  chatRoomCreated: event(ChatRoomCreatedEvent, {
    to: 'everybody in it',
    shape: "the room's fields, and `chatRoom`, the room",
    example: { ...CHAT_ROOM, chatRoom: CHAT_ROOM },
  }),
  chatRoomUpdated: event(ChatRoomUpdatedEvent, {
    to: 'everybody in it; also when somebody became its OWNER',
    example: {
      chatRoomId: ROOM,
      updatedChatRoom: { ...SHARED, name: 'Tea time', participants: [ADA_THERE, BOB_THERE] },
      updatedBy: ADA,
      updatedAt: '2026-11-21T09:00:00.000Z',
      changeSeq: 5,
    },
  }),
  joinedChatRoom: event(RoomRefEvent, { to: 'the caller', example: { chatRoomId: ROOM } }),
  leftChatRoom: event(RoomRefEvent, { to: 'the caller', example: { chatRoomId: ROOM } }),
  userJoined: event(RoomPersonEvent, { to: OTHERS_LOOKING, example: { userId: BOB, chatRoomId: ROOM } }),
  userLeft: event(RoomPersonEvent, { to: OTHERS_LOOKING, example: { userId: BOB, chatRoomId: ROOM } }),
  newMessage: event(RoomMessageEvent, {
    to: `${LOOKING}, the sender included`,
    example: { chatRoomId: ROOM, message: SAID },
  }),
  messageSent: event(MessageSentEvent, {
    to: 'all connections of the sender',
    example: { messageId: SAID.id, chatRoomId: ROOM, clientMessageId: 'c-7' },
  }),
  chatUpdated: event(RoomRefEvent, {
    to: 'people in the room who do not look at it, with every new message',
    example: { chatRoomId: ROOM },
  }),
  messageUpdated: event(RoomMessageEvent, { to: LOOKING, example: { chatRoomId: ROOM, message: EDITED } }),
  messageDeleted: event(MessageDeletedEvent, {
    to: LOOKING,
    example: { chatRoomId: ROOM, messageId: SAID.id, changeSeq: 4, deletedAt: '2026-11-21T09:00:00.000Z' },
  }),
  mentioned: event(MentionedEvent, {
    to: 'all connections of whom the message names',
    example: { chatRoomId: ROOM, messageId: SAID.id, seq: 1, mentionedBy: ADA },
  }),
  messageReaction: event(MessageReactionEvent, {
    to: LOOKING,
    example: {
      chatRoomId: ROOM,
      messageId: SAID.id,
      emoji: '👍',
      userId: BOB,
      on: true,
      changeSeq: 3,
      reactions: [{ emoji: '👍', count: 1, userIds: [BOB] }],
    },
  }),
  userTyping: event(UserTypingEvent, {
    to: OTHERS_LOOKING,
    example: { userId: ADA, chatRoomId: ROOM, isTyping: true },
  }),
  messageDeliveredConfirmed: event(MessageDeliveredEvent, {
    to: "the message's sender, and who said `messageDelivered`",
    example: { messageId: SAID.id },
  }),
  messageRead: event(MessageReadEvent, {
    to: "the message's sender",
    example: { messageId: SAID.id, chatRoomId: ROOM, readBy: BOB },
  }),
  participantsAdded: event(ParticipantsAddedEvent, {
    to: 'everybody who was in it',
    example: { chatRoomId: ROOM, newParticipants: [CYD_THERE], addedBy: ADA, changeSeq: 3 },
  }),
  addedToChatRoom: event(AddedToRoomEvent, { to: 'the new ones', example: { chatRoomId: ROOM, addedBy: ADA } }),
  participantRemoved: event(ParticipantRemovedEvent, {
    to: 'everybody who is left',
    example: { chatRoomId: ROOM, removedUserId: CYD, removedBy: ADA, changeSeq: 6 },
  }),
  participantsChanged: event(ParticipantsChangedEvent, {
    to: LOOKING,
    example: {
      chatRoomId: ROOM,
      from: 7,
      changeSeq: 8,
      participants: [{ userId: BOB, changeSeq: 8, lastReadSeq: 2, lastDeliveredSeq: 2 }],
    },
  }),
  removedFromChatRoom: event(RemovedFromRoomEvent, {
    to: 'who was removed or left; everybody, when the room is deleted',
    example: { chatRoomId: ROOM, removedBy: ADA },
  }),
  presence: event(PresenceState, {
    to: 'people who share a room',
    example: { userId: BOB, online: false, lastSeenAt: '2026-11-21T09:12:44.871Z' },
  }),
};
