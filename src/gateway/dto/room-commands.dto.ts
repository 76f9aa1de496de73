import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsBoolean,
  IsInt,
  IsObject,
  IsOptional,
  IsUUID,
  Max,
  Min,
  ValidateNested,
} from 'class-validator';
import { AddParticipantsDto, UpdateChatRoomDto } from '../../chat-rooms/dto/chat-room.dto.js';
import { IsEmoji } from '../../common/validation/emoji.js';
import { IsId } from '../../common/validation/text.js';
import { EditMessageDto } from '../../messages/dto/send-message.dto.js';

const HIGHEST_SEQ = 2_147_483_647;
const MOST_ASKED_FOR = 1_000;

/** `leaveChatRoom`: look at a room no longer. */
export class RoomRefDto {
  @IsId()
  chatRoomId: string;
}

/** `joinChatRoom`: look at a room; `since` is the last number that the client has. */
export class JoinRoomDto extends RoomRefDto {
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(HIGHEST_SEQ)
  since?: number;
}

/** `updateChatRoom`. */
export class UpdateRoomCommandDto extends RoomRefDto {
  @IsObject()
  @ValidateNested()
  @Type(() => UpdateChatRoomDto)
  updates: UpdateChatRoomDto;
}

/** `editMessage`. */
export class EditMessageCommandDto extends EditMessageDto {
  @IsId()
  messageId: string;
}

/** `react`: put an emoji on a message, or take it off again. */
export class ReactDto {
  @IsId()
  messageId: string;

  @IsEmoji()
  emoji: string;

  @IsBoolean()
  on: boolean;
}

/** `messageDelivered`, `messageRead`: everything up to this message. */
export class ReceiptDto extends RoomRefDto {
  @IsId()
  messageId: string;
}

/** `addParticipants`. */
export class AddParticipantsCommandDto extends AddParticipantsDto {
  @IsId()
  chatRoomId: string;
}

/** `removeParticipant`. */
export class RemoveParticipantDto extends RoomRefDto {
  /** The person's `userId`. */
  @IsId()
  participantId: string;
}

/** `presence`: who of these is here. */
export class PresenceDto {
  @IsArray()
  @ArrayMaxSize(MOST_ASKED_FOR)
  @IsUUID('all', { each: true })
  userIds: string[];
}
