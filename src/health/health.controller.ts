import { Controller, Get, HttpStatus, Res } from '@nestjs/common';
import { ApiOperation, ApiServiceUnavailableResponse, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { Public } from '../common/http/access.decorators.js';
import { HealthResponse, LivenessResponse, ReadinessResponse } from './dto/health.dto.js';
import { HealthService } from './health.service.js';

@ApiTags('operations')
@Public()
@Controller(['health', 'api/health'])
export class HealthController {
  constructor(private readonly health: HealthService) {}

  /** How this node and everything that it depends on is. */
  @Get()
  @ApiOperation({ operationId: 'getHealth' })
  @ApiServiceUnavailableResponse({ type: HealthResponse, description: 'This node cannot serve.' })
  async report(@Res({ passthrough: true }) response: Response): Promise<HealthResponse> {
    const report = await this.health.report();
    return unavailableIf(report.status === 'error', response, report);
  }

  /** Whether the process is alive; restart it when this does not answer. */
  @Get('live')
  @ApiOperation({ operationId: 'getLiveness' })
  live(): LivenessResponse {
    return { status: 'ok' };
  }

  /** Whether a load balancer should send traffic here. */
  @Get('ready')
  @ApiOperation({ operationId: 'getReadiness' })
  @ApiServiceUnavailableResponse({ type: ReadinessResponse, description: 'Send no traffic here.' })
  async ready(@Res({ passthrough: true }) response: Response): Promise<ReadinessResponse> {
    const reasons = await this.health.reasonsNotReady();
    const ready = reasons.length === 0;
    return unavailableIf(!ready, response, { ready, reasons });
  }
}

function unavailableIf<T>(unavailable: boolean, response: Response, body: T): T {
  if (unavailable) response.status(HttpStatus.SERVICE_UNAVAILABLE).setHeader('Retry-After', '1');
  return body;
}
