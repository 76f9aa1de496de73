import { Transform, Type } from 'class-transformer';
import { IsBoolean, IsIn, IsInt, IsOptional, Max, Min, registerDecorator } from 'class-validator';
import { applyDecorators } from '@nestjs/common';
import { ApiPropertyOptional } from '@nestjs/swagger';
import { DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE } from '../../common/pagination/page.js';
import { IfPresent } from '../../common/validation/if-present.js';
import { IsId, IsText, textProblem } from '../../common/validation/text.js';
import { LeaveOutUnknownKeys } from '../../common/validation/unknown-keys.js';
import type { ChatPriority, ChatSource, SupportChatStatus } from '../../events/domain-events.js';

export const STATUSES = ['bot', 'waiting', 'in_progress', 'closed'] as const;
export const PRIORITIES = ['low', 'medium', 'high', 'urgent'] as const;
export const SOURCES = ['telegram', 'website'] as const;
const HIGHEST_SEQ = 2_147_483_647;
const MOST_TAGS = 20;
const LONGEST_TAG = 50;

/** A list out of `values`; in a query, and wherever a text is easier to write, `a,b`. */
function IsChoices(values: readonly string[]): PropertyDecorator {
  return applyDecorators(
    ApiPropertyOptional({ isArray: true, type: 'string', enum: [...values] }),
    Transform(({ value }: { value: unknown }) =>
      typeof value === 'string' ? value.split(',').map((part) => part.trim()) : value,
    ),
    isListOf(
      'isChoices',
      2 * values.length,
      (value) => values.includes(value as string),
      `one of ${values.join(', ')}`,
    ),
  );
}

function IsTags(): PropertyDecorator {
  const isTag = (tag: unknown) => textProblem(tag, 1, LONGEST_TAG) === null;
  return isListOf('isTags', MOST_TAGS, isTag, `a text of 1 to ${LONGEST_TAG} characters`);
}

function isListOf(name: string, most: number, isOne: (value: unknown) => boolean, one: string): PropertyDecorator {
  return (target, property) =>
    registerDecorator({
      name,
      target: target.constructor,
      propertyName: property as string,
      validator: {
        validate: (value: unknown) => Array.isArray(value) && value.length <= most && value.every(isOne),
        defaultMessage: () => `${String(property)} must hold at most ${most} values, each ${one}`,
      },
    });
}

@LeaveOutUnknownKeys()
class ChatFilterDto {
  /** States, comma-separated; without it all but `bot`. */
  @IsOptional()
  @IsChoices(STATUSES)
  status?: SupportChatStatus[];

  /** Comma-separated. */
  @IsOptional()
  @IsChoices(PRIORITIES)
  priority?: ChatPriority[];

  /** Comma-separated. */
  @IsOptional()
  @IsChoices(SOURCES)
  source?: ChatSource[];

  @IsOptional()
  @IsId()
  operator_id?: string;

  @IsOptional()
  @IsText({ max: LONGEST_TAG })
  tag?: string;

  /** Looks at the names of the customer and at the messages. */
  @IsOptional()
  @IsText({ min: 0, max: 200 })
  search?: string;
}

@LeaveOutUnknownKeys()
export class ListChatsDto extends ChatFilterDto {
  /** From 1. */
  @ApiPropertyOptional({ default: 1 })
  @IfPresent()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(100_000)
  page: number = 1;

  @ApiPropertyOptional({ default: DEFAULT_PAGE_SIZE })
  @IfPresent()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(MAX_PAGE_SIZE)
  limit: number = DEFAULT_PAGE_SIZE;
}

@LeaveOutUnknownKeys()
export class FilterChatsDto extends ChatFilterDto {
  /** From 1. */
  @ApiPropertyOptional({ default: 1 })
  @IfPresent()
  @IsInt()
  @Min(1)
  @Max(100_000)
  page: number = 1;

  @ApiPropertyOptional({ default: DEFAULT_PAGE_SIZE })
  @IfPresent()
  @IsInt()
  @Min(1)
  @Max(MAX_PAGE_SIZE)
  limit: number = DEFAULT_PAGE_SIZE;
}

@LeaveOutUnknownKeys()
export class ListChatMessagesDto {
  @ApiPropertyOptional({ default: DEFAULT_PAGE_SIZE })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(MAX_PAGE_SIZE)
  limit: number = DEFAULT_PAGE_SIZE;

  /** How many of the oldest are passed over; without it: the newest ones. */
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(0)
  @Max(HIGHEST_SEQ)
  offset?: number;

  /** Only messages before this number. */
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(0)
  @Max(HIGHEST_SEQ)
  before?: number;
}

@LeaveOutUnknownKeys()
export class ReplyDto {
  /** 1 to 4096 characters, what one message of Telegram holds. */
  @IsText({ max: 4096 })
  text: string;

  /** The newest message that the operator has seen: the reply is refused when a person said something after it. */
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(HIGHEST_SEQ)
  ifSeq?: number;

  /** Makes a repetition harmless. */
  @IsOptional()
  @IsText({ max: 255 })
  clientMessageId?: string;
}

@LeaveOutUnknownKeys()
export class MarkChatDto {
  @IfPresent()
  @IsIn(PRIORITIES)
  priority?: ChatPriority;

  /** Up to 20 tags of up to 50 characters. */
  @IfPresent()
  @Transform(({ value }: { value: unknown }) => (Array.isArray(value) ? [...new Set(value as unknown[])] : value))
  @IsTags()
  tags?: string[];

  @IfPresent()
  @IsBoolean()
  isPinned?: boolean;
}

@LeaveOutUnknownKeys()
export class CloseChatDto {
  /** How it ended. */
  @IsOptional()
  @IsText({ min: 0, max: 2000 })
  resolution?: string | null;
}

@LeaveOutUnknownKeys()
export class TransferChatDto {
  /** Another operator, or `queue`. */
  @IsText({ max: 36 })
  operatorId: string;
}

@LeaveOutUnknownKeys()
export class ReadChatDto {
  /** The newest message that was read; without it: all of them. */
  @IfPresent()
  @IsInt()
  @Min(0)
  @Max(HIGHEST_SEQ)
  seq: number = HIGHEST_SEQ;
}

@LeaveOutUnknownKeys()
export class AddNoteDto {
  @IsText({ max: 4000 })
  text: string;
}
