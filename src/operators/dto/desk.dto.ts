import { ApiProperty } from '@nestjs/swagger';
import { IsOptional } from 'class-validator';
import { PageQueryDto } from '../../common/pagination/page-query.dto.js';
import { IsId, IsText } from '../../common/validation/text.js';
import { LeaveOutUnknownKeys } from '../../common/validation/unknown-keys.js';
import type { SupportChatStatus } from '../../events/domain-events.js';
import type { AuditEntry } from '../../users/audit-record.js';
import type { ChatNumbers, DeskStats } from '../desk-stats.service.js';
import type { SupportChatRecord } from '../support-chat.js';

@LeaveOutUnknownKeys()
export class ListAuditDto extends PageQueryDto {
  /** Who did it. */
  @IsOptional()
  @IsId()
  actor_id?: string;

  /** What was done, such as `chat.taken`. */
  @IsOptional()
  @IsText({ max: 100 })
  action?: string;

  /** To which chat or person. */
  @IsOptional()
  @IsId()
  subject_id?: string;
}

/** A line of the audit log. */
export class AuditEntryResponse {
  @ApiProperty({ format: 'uuid' })
  id: string;
  /** null: the server itself, or a customer without an account. */
  @ApiProperty({ type: 'string', nullable: true, format: 'uuid' })
  actor_id: string | null;
  action: string;
  @ApiProperty({ type: 'string', nullable: true, format: 'uuid' })
  subject_id: string | null;
  @ApiProperty({ type: 'object', additionalProperties: true })
  data: Record<string, unknown>;
  @ApiProperty({ format: 'date-time' })
  created_at: string;

  static from({ id, actorId, action, subjectId, data, createdAt }: AuditEntry): AuditEntryResponse {
    return { id, actor_id: actorId, action, subject_id: subjectId, data, created_at: createdAt.toISOString() };
  }
}

const Average = () => ApiProperty({ type: 'number', format: 'double', nullable: true });

/** Averages are null when there is nothing to average. */
class NumbersResponse {
  closed_chats: number;
  /** Seconds from the call for a human to the first answer of one. */
  @Average()
  avg_response_time: number | null;
  /** Seconds from the call for a human to the close. */
  @Average()
  avg_resolution_time: number | null;
  /** 1…5 */
  @Average()
  avg_rating: number | null;
  /** First answers that came, or will come, later than SLA_FIRST_RESPONSE_S. */
  sla_breaches: number;
}

export class OperatorStatsResponse extends NumbersResponse {
  @ApiProperty({ format: 'uuid' })
  operator_id: string;
  name: string | null;
  in_progress_chats: number;
}

export class StatsResponse extends NumbersResponse {
  total_chats: number;
  /** With the assistant. */
  bot_chats: number;
  waiting_chats: number;
  in_progress_chats: number;
  /** Operators who are online. */
  active_operators: number;
  operators: OperatorStatsResponse[];

  static from(stats: DeskStats): StatsResponse {
    return {
      total_chats: stats.chats,
      bot_chats: stats.byStatus.bot,
      waiting_chats: stats.byStatus.waiting,
      in_progress_chats: stats.byStatus.in_progress,
      active_operators: stats.activeOperators,
      ...toNumbers(stats),
      operators: stats.operators.map((operator) => ({
        operator_id: operator.id,
        name: operator.name,
        in_progress_chats: operator.inProgress,
        ...toNumbers(operator),
      })),
    };
  }
}

function toNumbers(numbers: ChatNumbers): NumbersResponse {
  return {
    closed_chats: numbers.closed,
    avg_response_time: numbers.responseSeconds,
    avg_resolution_time: numbers.resolutionSeconds,
    avg_rating: numbers.rating,
    sla_breaches: numbers.breaches,
  };
}

export class EscalateDto {
  /** Why a human is needed. */
  @IsOptional()
  @IsText({ min: 0, max: 500 })
  reason?: string | null;
}

/** The support chat that a human will answer in. */
export class EscalationResponse {
  /** The conversation's id; another one's when you already wait in that. */
  chatId: string;
  status: SupportChatStatus;
  reason: string | null;
  operatorId: string | null;

  static from({ id, status, escalationReason, operatorId }: SupportChatRecord): EscalationResponse {
    return { chatId: id, status, reason: escalationReason, operatorId };
  }
}
