import { ApiProperty } from '@nestjs/swagger';
import { IsBoolean, IsIn, IsInt, IsOptional, Max, Min } from 'class-validator';
import { IsAccountEmail } from '../../auth/dto/email.decorator.js';
import { IsNewPassword, MAX_PASSWORD_LENGTH } from '../../auth/dto/password.decorator.js';
import { ROLES, type Role } from '../../common/actor.js';
import { IfPresent } from '../../common/validation/if-present.js';
import { IsText } from '../../common/validation/text.js';
import { LeaveOutUnknownKeys } from '../../common/validation/unknown-keys.js';
import type { OperatorStatus } from '../../events/domain-events.js';
import { displayName } from '../../users/user.js';
import type { OperatorRecord } from '../operator.js';
import type { OperatorRole } from '../operators.service.js';

const STATUSES = ['online', 'away', 'offline'] as const;
const OPERATOR_ROLES = ['operator', 'senior_operator', 'admin'] as const;
const MOST_CHATS = 10_000;

/** Somebody who works at the desk. */
export class OperatorResponse {
  @ApiProperty({ format: 'uuid' })
  id: string;
  name: string;
  email: string | null;
  role: Role;
  status: OperatorStatus;
  is_active: boolean;
  /** How many chats they hold at once. */
  max_chats: number;
  /** How many they hold now. */
  active_chats: number;
  @ApiProperty({ format: 'date-time' })
  created_at: string;
  @ApiProperty({ type: 'string', nullable: true, format: 'date-time' })
  last_activity: string | null;

  static from(operator: OperatorRecord): OperatorResponse {
    return {
      id: operator.id,
      name: displayName(operator) || (operator.email ?? ''),
      email: operator.email,
      role: operator.role,
      status: operator.status,
      is_active: operator.isActive,
      max_chats: operator.maxChats,
      active_chats: operator.activeChats,
      created_at: operator.createdAt.toISOString(),
      last_activity: operator.lastActivityAt?.toISOString() ?? null,
    };
  }
}

@LeaveOutUnknownKeys()
export class OperatorLoginDto {
  /** @example ada@example.org */
  @IsAccountEmail()
  email: string;

  /** @example "lamp quiet orbit" */
  @IsText({ max: MAX_PASSWORD_LENGTH })
  password: string;
}

export class OperatorTokens {
  access: string;
  refresh: string;
}

export class OperatorLogin {
  operator: OperatorResponse;
  tokens: OperatorTokens;
}

export class OperatorLoginResponse {
  success: true;
  data: OperatorLogin;
}

@LeaveOutUnknownKeys()
export class UpdateOwnOperatorDto {
  @IfPresent()
  @IsIn(STATUSES)
  status?: OperatorStatus;

  /** How many chats you hold at once. */
  @IfPresent()
  @IsInt()
  @Min(0)
  @Max(MOST_CHATS)
  maxChats?: number;
}

@LeaveOutUnknownKeys()
export class CreateOperatorDto {
  /** @example grace@example.org */
  @IsAccountEmail()
  email: string;

  /**
   * 8 to 128 characters, none of the well-known ones.
   * @example "lamp quiet orbit"
   */
  @IsNewPassword()
  password: string;

  @IsText({ max: 100 })
  name: string;

  @IsIn(OPERATOR_ROLES)
  role: OperatorRole;

  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(MOST_CHATS)
  maxChats?: number;
}

@LeaveOutUnknownKeys()
export class UpdateOperatorDto {
  @IfPresent()
  @IsText({ max: 100 })
  name?: string;

  /** `user`: works here no more. */
  @IfPresent()
  @IsIn(ROLES)
  role?: Role;

  @IfPresent()
  @IsInt()
  @Min(0)
  @Max(MOST_CHATS)
  maxChats?: number;

  /** false: may not sign in any more; the chats go back into the queue. */
  @IfPresent()
  @IsBoolean()
  isActive?: boolean;
}
