import {
  ParticipantResponse,
  RoomSettingsResponse,
  toParticipantResponse,
  toRoomSettings,
} from '../../chat-rooms/dto/chat-room.response.dto.js';
import type { SyncResult } from '../messages.service.js';
import { MessageResponse, toMessageResponse } from './message.response.dto.js';

export class SyncResponse {
  conversationId: string;
  /** The conversation's counter; ask with `since` = this next time. */
  head: number;
  /** By `changeSeq`. */
  messages: MessageResponse[];
  /** In a chat room: places of people that changed since, of those who left too. */
  participants?: ParticipantResponse[];
  /** In a chat room: its settings, when they changed since. */
  chatRoom?: RoomSettingsResponse;
  /** There is more: ask again with `until`. */
  more: boolean;
  /** With `more`: everything up to this number is here. */
  until?: number;
  /** `since` was never reached here: forget what you have, this starts from 0. */
  reset?: boolean;
}

export function toSyncResponse({ messages, participants, chatRoom, ...rest }: SyncResult): SyncResponse {
  return {
    ...rest,
    messages: messages.map(toMessageResponse),
    ...(participants ? { participants: participants.map(toParticipantResponse) } : {}),
    ...(chatRoom ? { chatRoom: toRoomSettings(chatRoom) } : {}),
  };
}
