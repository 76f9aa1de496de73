import type { MessageRole } from '../../events/domain-events.js';
import { ApiProperty } from '@nestjs/swagger';

export class LastMessageResponse {
  id: string;
  @ApiProperty({ enum: ['user', 'assistant', 'operator', 'customer', 'system'] })
  role: MessageRole;
  /** Its first 200 characters. */
  content: string;
  createdAt: Date;
  seq: number;
}

/** An AI session; its id is also the id of its conversation. */
export class SessionResponse {
  id: string;
  /** null until it is given one, by you or after the first exchange. */
  title: string | null;
  /** The model that answers, the server's default included. */
  model: string;
  provider: string;
  groupId: string | null;
  isFavorite: boolean;
  isArchived: boolean;
  /** The newest message that is neither deleted nor replaced. */
  lastMessage?: LastMessageResponse;
  createdAt: Date;
  /** The latest activity: a message, a change of its settings. */
  updatedAt: Date;
}

/** It is done. */
export class SessionDeletedResponse {
  ok: true;
}
