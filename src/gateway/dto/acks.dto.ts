import { ChatRoomResponse, ParticipantResponse } from '../../chat-rooms/dto/chat-room.response.dto.js';
import { MessageResponse } from '../../messages/dto/message.response.dto.js';
import { PresenceState } from './room-events.dto.js';

/** What acks of commands carry beside `ok: true`. */

export class RenewedAck {
  /** When the new token ends. */
  expiresAt: string;
}

/** The answer that is being written right now. */
export class RunningText {
  messageId: string;
  /** What is there of it. */
  content: string;
}

/** Where a session stands, and what the client missed. */
export class JoinedSessionAck {
  /** The conversation's counter. */
  head: number;
  /** What changed since the client's number, by `changeSeq`; without one the newest page, by `seq`. */
  messages: MessageResponse[];
  /** More changed than fits: `sync` from the last `changeSeq` for the rest. */
  more?: boolean;
  /** The client's number was never reached here: forget what you have, this is everything. */
  reset?: boolean;
  streaming?: RunningText;
}

/** Where a room stands, and what the client missed. */
export class JoinedRoomAck {
  chatRoom: ChatRoomResponse;
  /** The conversation's counter. */
  head: number;
  /** What changed since the client's number, by `changeSeq`; without one the newest page, by `seq`. */
  messages: MessageResponse[];
  /** Places of people that changed since the client's number, of those who left too. */
  participants?: ParticipantResponse[];
  /** More changed than fits: `sync` from `until` on for the rest. */
  more?: boolean;
  /** With `more`: everything up to this number is here. */
  until?: number;
  /** The client's number was never reached here: forget what you have, this starts from 0. */
  reset?: boolean;
}

export class MessageAck {
  message: MessageResponse;
}

export class ChatRoomAck {
  chatRoom: ChatRoomResponse;
}

export class PresenceAck {
  /** In the order of `userIds`. */
  users: PresenceState[];
}
