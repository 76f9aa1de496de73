import { ApiProperty } from '@nestjs/swagger';
import type { HealthReport, HealthStatus } from '../health.service.js';

const STATUSES: HealthStatus[] = ['ok', 'degraded', 'error'];

/** How this node is. */
export class HealthResponse implements HealthReport {
  /** `error` comes with status 503: this node cannot serve. */
  @ApiProperty({ enum: STATUSES })
  status: HealthStatus;
  timestamp: string;
  /** Seconds since the start of the process. */
  uptime: number;
  /** @example production */
  environment: string;
  /** @example 0.1.0 */
  version: string;
  /** One entry for each thing that this node depends on. */
  @ApiProperty({
    type: 'object',
    additionalProperties: {
      type: 'object',
      properties: { status: { type: 'string', enum: STATUSES } },
      required: ['status'],
      additionalProperties: true,
    },
  })
  checks: HealthReport['checks'];
}

/** Whether traffic may come to this node. */
export class ReadinessResponse {
  ready: boolean;
  /** `draining`, or the names of the checks that fail. */
  reasons: string[];
}

/** The process runs and its event loop turns. */
export class LivenessResponse {
  /** @example ok */
  status: string;
}
