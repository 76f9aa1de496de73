import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsOptional,
  IsUUID,
  Max,
  Min,
} from 'class-validator';
import { IfPresent } from '../../common/validation/if-present.js';
import { IsText } from '../../common/validation/text.js';
import { MOST_PARTICIPANTS } from '../chat-room.js';

const MAX_NAME_LENGTH = 200;
const HIGHEST_SEQ = 2_147_483_647;

/** `POST /chat-rooms`, `createChatRoom`. */
export class CreateChatRoomDto {
  /** What the people in it call it. */
  @IsOptional()
  @IsText({ max: MAX_NAME_LENGTH })
  name?: string;

  /** DIRECT: you and one other, once a pair. */
  @IsIn(['DIRECT', 'GROUP'])
  type: 'DIRECT' | 'GROUP';

  /** The others. */
  @IsArray()
  @ArrayMaxSize(MOST_PARTICIPANTS)
  @IsUUID('all', { each: true })
  participantIds: string[];
}

/** What is left out stays as it is. */
export class UpdateChatRoomDto {
  @IfPresent()
  @IsText({ max: MAX_NAME_LENGTH })
  name?: string;

  @IfPresent()
  @IsBoolean()
  isArchived?: boolean;
}

export class AddParticipantsDto {
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(MOST_PARTICIPANTS)
  @IsUUID('all', { each: true })
  participantIds: string[];
}

export class ChangeParticipantDto {
  /** OWNER: hands the room over. */
  @IsIn(['OWNER', 'ADMIN', 'MEMBER'])
  role: 'OWNER' | 'ADMIN' | 'MEMBER';
}

export class ReadToDto {
  /** Everything up to this number is read. */
  @IsInt()
  @Min(0)
  @Max(HIGHEST_SEQ)
  seq: number;
}
