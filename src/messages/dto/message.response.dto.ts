import { ApiProperty } from '@nestjs/swagger';
import { RoomPersonResponse, toRoomPerson } from '../../chat-rooms/dto/chat-room.response.dto.js';
import type { ConversationKind, MessageRecord, MessageRole, MessageStatus } from '../../events/domain-events.js';

export class MessageUsage {
  promptTokens: number;
  completionTokens: number;
  /** `exact` when the provider reported it, `estimated` when it was counted here. */
  kind: 'exact' | 'estimated';
}

export class MessageFailure {
  /** A code of the error catalogue. */
  code: string;
}

/** Who answered a message with one emoji. */
export class ReactionResponse {
  emoji: string;
  count: number;
  /** The first fifty of them, in the order in which they came. */
  @ApiProperty({ type: [String], format: 'uuid' })
  userIds: string[];
}

/** A message, the same at every native door. */
export class MessageResponse {
  id: string;
  conversationId: string;
  /** In an AI session. */
  sessionId?: string;
  /** In a chat room. */
  chatRoomId?: string;
  /** In a support chat. */
  chatId?: string;
  /** Its place in the conversation; never changes. */
  seq: number;
  /** The number of its latest change. */
  changeSeq: number;
  role: MessageRole;
  senderId: string | null;
  content: string;
  status: MessageStatus;
  clientMessageId?: string;
  replyToId?: string;
  /** In a chat room: who wrote it, the assistant under the nil id; null when nobody like that is known any more. */
  @ApiProperty({ required: false, type: RoomPersonResponse, nullable: true })
  sender?: RoomPersonResponse | null;
  /** In a chat room: an attachment by reference. */
  fileUrl?: string | null;
  fileName?: string | null;
  /** In bytes. */
  fileSize?: number | null;
  /** In a chat room: somebody else has read it. */
  isRead?: boolean;
  /** By emoji, in the order in which they came; in an AI session left out when there are none. */
  reactions?: ReactionResponse[];
  /** In a chat room: the ids of the people whom the text names. */
  @ApiProperty({ required: false, type: [String], format: 'uuid' })
  mentions?: string[];
  model?: string;
  usage?: MessageUsage;
  /** Why the answer failed or broke off. */
  error?: MessageFailure;
  /** A newer branch replaced this message; its first message. */
  supersededById?: string;
  createdAt: string;
  editedAt?: string;
  deletedAt?: string;
}

/** An AI session's, a chat room's or a support chat's id, under the name that its clients know. */
export interface ConversationRef {
  sessionId?: string;
  chatRoomId?: string;
  chatId?: string;
}

export const conversationRef = (kind: ConversationKind, id: string): ConversationRef => ({ [ID_OF_KIND[kind]]: id });

const ID_OF_KIND = { session: 'sessionId', room: 'chatRoomId', telegram: 'chatId' } as const;

/** Who speaks for the assistant in a room, where clients expect somebody with a name. */
const ASSISTANT: RoomPersonResponse = {
  id: '00000000-0000-0000-0000-000000000000',
  name: 'Assistant',
  firstName: 'Assistant',
  lastName: null,
  role: 'user',
  avatarUrl: null,
};

export function toMessageResponse(message: MessageRecord): MessageResponse {
  const response: MessageResponse = {
    id: message.id,
    conversationId: message.conversationId,
    ...conversationRef(message.kind, message.conversationId),
    seq: message.seq,
    changeSeq: message.changeSeq,
    role: message.role,
    senderId: message.senderId,
    content: message.content,
    status: message.status,
    createdAt: message.createdAt.toISOString(),
  };
  if (message.kind === 'room') {
    const { sender, fileUrl, fileName, fileSize, isRead = false, mentions } = message;
    const speaker = message.role === 'assistant' ? ASSISTANT : sender && toRoomPerson(sender);
    Object.assign(response, { sender: speaker, fileUrl, fileName, fileSize, isRead, mentions });
  }
  if (message.kind === 'room' || message.reactions.length > 0) response.reactions = message.reactions;
  if (message.clientMessageId !== null) response.clientMessageId = message.clientMessageId;
  if (message.replyToId !== null) response.replyToId = message.replyToId;
  if (message.model !== null) response.model = message.model;
  const usage = toUsageResponse(message);
  if (usage) response.usage = usage;
  if (message.errorCode !== null) response.error = { code: message.errorCode };
  if (message.supersededById !== null) response.supersededById = message.supersededById;
  if (message.editedAt !== null) response.editedAt = message.editedAt.toISOString();
  if (message.deletedAt !== null) response.deletedAt = message.deletedAt.toISOString();
  return response;
}

export function toUsageResponse({
  promptTokens,
  completionTokens,
  usageKind,
}: MessageRecord): MessageUsage | undefined {
  if (promptTokens === null || completionTokens === null || usageKind === null) return undefined;
  return { promptTokens, completionTokens, kind: usageKind };
}

/** A former text of a message. */
export class RevisionResponse {
  content: string;
  replacedAt: string;
}
