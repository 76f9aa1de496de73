import { ApiProperty } from '@nestjs/swagger';
import { ROLES, type Role } from '../../common/actor.js';
import { ERROR_CATALOGUE, type ErrorCode } from '../../common/errors/error-catalogue.js';
import { CLOSE_REASONS, type CloseReason } from '../contract/close-reasons.js';

/** The connection is let in. */
export class ConnectedEvent {
  userId: string;
  @ApiProperty({ enum: ROLES })
  userRole: Role;
  /** How many chat rooms the person is in. */
  chatRooms: number;
  connectionId: string;
}

/** Why something was refused or failed. */
export class WireErrorResponse {
  /** Stable; what programs look at. */
  @ApiProperty({ enum: Object.keys(ERROR_CATALOGUE) })
  code: ErrorCode;
  /** For people; may change. */
  message: string;
  /** More about it, as the code has it; for `VALIDATION_FAILED` a list of `{ field, problems }`. */
  @ApiProperty({ required: false, oneOf: [{ type: 'object' }, { type: 'array', items: {} }] })
  details?: unknown;
  /** With codes that pass by themselves. */
  retryAfterSeconds?: number;
}

/** A command without an ack failed. */
export class ErrorEvent extends WireErrorResponse {
  /** The name of the command. */
  event?: string;
}

/** The last thing on a connection that the server closes. */
export class ClosingEvent {
  @ApiProperty({ enum: Object.keys(CLOSE_REASONS) })
  reason: CloseReason;
  message: string;
}
