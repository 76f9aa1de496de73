import { Type } from 'class-transformer';
import { IsInt, IsOptional, Max, Min } from 'class-validator';
import { PageQueryDto } from '../../common/pagination/page-query.dto.js';
import { IsId, IsText } from '../../common/validation/text.js';

const HIGHEST_SEQ = 2_147_483_647;

/** Which part of a conversation: the newest page, or one next to a message number. */
export class MessagePageQueryDto extends PageQueryDto {
  /** Messages with a smaller `seq`. */
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(0)
  @Max(HIGHEST_SEQ)
  before?: number;

  /** Messages with a larger `seq`. */
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(0)
  @Max(HIGHEST_SEQ)
  after?: number;
}

export class MessageSearchQueryDto extends PageQueryDto {
  /** Words to find (web search syntax: "a phrase", -without, or). */
  @IsText({ max: 200 })
  q: string;

  /** Only in this conversation. */
  @IsOptional()
  @IsId()
  conversationId?: string;
}

export class SyncQueryDto {
  /** The last number that the client has; 0 for everything. */
  @Type(() => Number)
  @IsInt()
  @Min(0)
  @Max(HIGHEST_SEQ)
  since: number = 0;
}
