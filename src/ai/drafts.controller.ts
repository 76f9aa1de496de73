import { Controller, HttpCode, Param, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Actor } from '../common/actor.js';
import { CurrentActor, RequiresRole } from '../common/http/access.decorators.js';
import { ApiErrors } from '../common/http/api-errors.decorator.js';
import { IdPipe } from '../common/validation/id.pipe.js';
import { DraftsService } from './drafts.service.js';
import { DraftResponse } from './dto/draft.response.dto.js';

@ApiTags('support chats')
@ApiBearerAuth()
@RequiresRole('operator')
@Controller('api/chats/:id/draft')
export class DraftsController {
  constructor(private readonly drafts: DraftsService) {}

  /** Lets the assistant draft a reply out of the conversation; nothing is sent. */
  @Post()
  @ApiOperation({ operationId: 'draftInSupportChat' })
  @HttpCode(200)
  @ApiErrors(
    'CHAT_NOT_FOUND',
    'SERVER_BUSY',
    'SERVER_DRAINING',
    'AI_UNAVAILABLE',
    'AI_OVERLOADED',
    'AI_TIMEOUT',
    'AI_INTERRUPTED',
    'AI_MISCONFIGURED',
    'AI_QUOTA_EXHAUSTED',
    'AI_BAD_RESPONSE',
    'AI_CONTENT_FILTERED',
    'AI_REQUEST_REFUSED',
    'AI_CONTEXT_TOO_LONG',
  )
  async write(
    @CurrentActor() actor: Actor,
    @Param('id', new IdPipe('CHAT_NOT_FOUND')) id: string,
  ): Promise<DraftResponse> {
    const { text, basedOnSeq, model } = await this.drafts.draft(actor, id);
    return { text, based_on_seq: basedOnSeq, model };
  }
}
