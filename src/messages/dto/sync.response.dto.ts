import type { SyncResult } from '../messages.service.js';
import { MessageResponse, toMessageResponse } from './message.response.dto.js';

export class SyncResponse {
  conversationId: string;
  /** The conversation's counter; ask with `since` = this next time. */
  head: number;
  /** By `changeSeq`. */
  messages: MessageResponse[];
  /** There is more: ask again with the last `changeSeq`. */
  more: boolean;
  /** `since` was never reached here: forget what you have, this starts from 0. */
  reset?: boolean;
}

export function toSyncResponse({ messages, ...rest }: SyncResult): SyncResponse {
  return { ...rest, messages: messages.map(toMessageResponse) };
}
