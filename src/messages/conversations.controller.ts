import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import type { Actor } from '../common/actor.js';
import { CurrentActor } from '../common/http/access.decorators.js';
import { ApiErrors } from '../common/http/api-errors.decorator.js';
import { IdPipe } from '../common/validation/id.pipe.js';
import { SyncQueryDto } from './dto/message-queries.dto.js';
import { SyncResponse, toSyncResponse } from './dto/sync.response.dto.js';
import { MessagesService } from './messages.service.js';

@ApiTags('conversations')
@ApiBearerAuth()
@Controller('conversations')
export class ConversationsController {
  constructor(private readonly messages: MessagesService) {}

  /** What changed since a number; costs what changed, not how long the conversation is. */
  @Get(':id/sync')
  @ApiErrors('CONVERSATION_NOT_FOUND')
  async sync(
    @CurrentActor() actor: Actor,
    @Param('id', new IdPipe('CONVERSATION_NOT_FOUND')) id: string,
    @Query() query: SyncQueryDto,
  ): Promise<SyncResponse> {
    return toSyncResponse(await this.messages.sync(actor, id, query.since));
  }
}
