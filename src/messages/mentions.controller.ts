import { Controller, Get, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Actor } from '../common/actor.js';
import { CurrentActor } from '../common/http/access.decorators.js';
import { PageQueryDto } from '../common/pagination/page-query.dto.js';
import type { Page } from '../common/pagination/page.js';
import { MessageResponse, toMessageResponse } from './dto/message.response.dto.js';
import { MentionsService } from './mentions.service.js';

@ApiTags('users')
@ApiBearerAuth()
@Controller('users/me/mentions')
export class MentionsController {
  constructor(private readonly mentions: MentionsService) {}

  /** Messages that name you, in the rooms that you are in, newest first. */
  @Get()
  @ApiOperation({ operationId: 'listMyMentions' })
  @ApiOkResponse({ type: [MessageResponse] })
  async list(@CurrentActor() actor: Actor, @Query() query: PageQueryDto): Promise<Page<MessageResponse>> {
    return (await this.mentions.list(actor, query)).map(toMessageResponse);
  }
}
