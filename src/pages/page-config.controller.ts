import { Controller, Get, Header } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { Public } from '../common/http/access.decorators.js';
import { AppConfig } from '../config/app-config.js';
import { ModelDefaults } from '../sessions/model-defaults.js';
import { PageConfigResponse } from './dto/page-config.response.dto.js';

@ApiTags('pages')
@Controller()
export class PageConfigController {
  constructor(
    private readonly config: AppConfig,
    private readonly models: ModelDefaults,
  ) {}

  /** What the pages of this server need to know about it. */
  @Public()
  @Get('config.json')
  @ApiOperation({ operationId: 'getPageConfig' })
  @Header('Cache-Control', 'no-cache')
  get(): PageConfigResponse {
    const { GOOGLE_CLIENT_ID, DOCS_ENABLED } = this.config.env;
    return {
      version: this.config.version,
      googleSignIn: GOOGLE_CLIENT_ID !== undefined,
      docs: DOCS_ENABLED,
      assistant: this.models.resolve(),
    };
  }
}
