import { ApiProperty } from '@nestjs/swagger';
import { IsOptional } from 'class-validator';
import { IfPresent } from '../../common/validation/if-present.js';
import { IsText } from '../../common/validation/text.js';
import { LeaveOutUnknownKeys } from '../../common/validation/unknown-keys.js';
import type { CannedReply } from '../canned-reply.js';

@LeaveOutUnknownKeys()
export class CreateCannedReplyDto {
  @IsText({ max: 200 })
  title: string;

  @IsText({ max: 4096 })
  text: string;

  /** What is typed to find it. */
  @IsOptional()
  @IsText({ max: 50 })
  shortcut?: string | null;
}

/** What is left out stays as it is. */
@LeaveOutUnknownKeys()
export class UpdateCannedReplyDto {
  @IfPresent()
  @IsText({ max: 200 })
  title?: string;

  @IfPresent()
  @IsText({ max: 4096 })
  text?: string;

  @IsOptional()
  @IsText({ max: 50 })
  shortcut?: string | null;
}

/** An answer that operators keep at hand. */
export class CannedReplyResponse {
  @ApiProperty({ format: 'uuid' })
  id: string;
  title: string;
  text: string;
  shortcut: string | null;
  @ApiProperty({ type: 'string', nullable: true, format: 'uuid' })
  created_by: string | null;
  @ApiProperty({ format: 'date-time' })
  created_at: string;
  @ApiProperty({ format: 'date-time' })
  updated_at: string;

  static from({ id, title, text, shortcut, createdById, createdAt, updatedAt }: CannedReply): CannedReplyResponse {
    return {
      id,
      title,
      text,
      shortcut,
      created_by: createdById,
      created_at: createdAt.toISOString(),
      updated_at: updatedAt.toISOString(),
    };
  }
}
