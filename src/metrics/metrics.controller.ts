import { Controller, Get, Req, Res } from '@nestjs/common';
import { ApiExtraModels, ApiOkResponse, ApiOperation, ApiSecurity, ApiTags, getSchemaPath } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { AppError } from '../common/errors/app-error.js';
import { Public } from '../common/http/access.decorators.js';
import { ApiErrors } from '../common/http/api-errors.decorator.js';
import { AppConfig } from '../config/app-config.js';
import { MetricsResponse } from './dto/metrics.dto.js';
import { MetricsPage } from './metrics-page.js';

@ApiTags('operations')
@Public()
@Controller('metrics')
export class MetricsController {
  constructor(
    private readonly config: AppConfig,
    private readonly page: MetricsPage,
  ) {}

  /** Numbers of this node for Prometheus; with `Accept: application/json` a short summary. Not here when METRICS_PORT is set. */
  @Get()
  @ApiOperation({ operationId: 'getMetrics' })
  @ApiSecurity('metricsToken')
  @ApiSecurity({})
  @ApiExtraModels(MetricsResponse)
  @ApiOkResponse({
    content: {
      'text/plain': { schema: { type: 'string' } },
      'application/json': { schema: { $ref: getSchemaPath(MetricsResponse) } },
    },
  })
  @ApiErrors('UNAUTHORIZED', 'NOT_FOUND')
  async read(@Req() request: Request, @Res() response: Response): Promise<void> {
    const { ENABLE_METRICS, METRICS_PORT } = this.config.env;
    if (!ENABLE_METRICS || METRICS_PORT !== undefined) throw new AppError('NOT_FOUND');
    const { contentType, body } = await this.page.answer(request.headers);
    response.setHeader('Content-Type', contentType).end(body);
  }
}
