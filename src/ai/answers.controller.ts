import { Controller, HttpCode, Param, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Actor } from '../common/actor.js';
import { CurrentActor } from '../common/http/access.decorators.js';
import { ApiErrors } from '../common/http/api-errors.decorator.js';
import { IdPipe } from '../common/validation/id.pipe.js';
import { Idempotent } from '../idempotency/idempotent.decorator.js';
import { MessageResponse, toMessageResponse } from '../messages/dto/message.response.dto.js';
import { AnswersService } from './answers.service.js';
import { DoneResponse } from './dto/done.response.dto.js';

@ApiTags('answers')
@ApiBearerAuth()
@Controller()
export class AnswersController {
  constructor(private readonly answers: AnswersService) {}

  /** Make an answer again; the former one stays retrievable. Returns the new, still empty message. */
  @Post('messages/:id/regenerate')
  @Idempotent()
  @ApiErrors(
    'MESSAGE_NOT_FOUND',
    'NOTHING_TO_REGENERATE',
    'ASSISTANT_SILENCED',
    'TOKEN_QUOTA_EXCEEDED',
    'RATE_LIMITED',
    'SERVER_BUSY',
  )
  async regenerate(
    @CurrentActor() actor: Actor,
    @Param('id', new IdPipe('MESSAGE_NOT_FOUND')) id: string,
  ): Promise<MessageResponse> {
    return toMessageResponse(await this.answers.regenerate(actor, id));
  }

  /** End an answer; its text stays. One that has ended already is left as it is. */
  @Post('messages/:id/stop')
  @HttpCode(200)
  @ApiOperation({ operationId: 'stopAnswer' })
  @ApiErrors('MESSAGE_NOT_FOUND')
  async stopMessage(
    @CurrentActor() actor: Actor,
    @Param('id', new IdPipe('MESSAGE_NOT_FOUND')) id: string,
  ): Promise<DoneResponse> {
    await this.answers.stopMessage(actor, id);
    return { ok: true };
  }

  /** End the answer that is under way in a session, if any. */
  @Post('sessions/:id/stop')
  @HttpCode(200)
  @ApiOperation({ operationId: 'stopSession' })
  @ApiErrors('SESSION_NOT_FOUND')
  async stopSession(
    @CurrentActor() actor: Actor,
    @Param('id', new IdPipe('SESSION_NOT_FOUND')) id: string,
  ): Promise<DoneResponse> {
    await this.answers.stopSession(actor, id);
    return { ok: true };
  }
}
