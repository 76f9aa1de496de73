import { Body, Controller, HttpCode, Param, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Actor } from '../common/actor.js';
import { CurrentActor } from '../common/http/access.decorators.js';
import { ApiErrors } from '../common/http/api-errors.decorator.js';
import { IdPipe } from '../common/validation/id.pipe.js';
import { EscalateDto, EscalationResponse } from './dto/desk.dto.js';
import { EscalationService } from './escalation.service.js';

@ApiTags('sessions')
@ApiBearerAuth()
@Controller('sessions/:id/escalate')
export class EscalationController {
  constructor(private readonly escalation: EscalationService) {}

  /** Calls a human; the assistant answers no more until the human gives the session back. */
  @Post()
  @ApiOperation({ operationId: 'escalateSession' })
  @HttpCode(200)
  @ApiErrors('SESSION_NOT_FOUND')
  async callHuman(
    @CurrentActor() actor: Actor,
    @Param('id', new IdPipe('SESSION_NOT_FOUND')) id: string,
    @Body() { reason }: EscalateDto,
  ): Promise<EscalationResponse> {
    return EscalationResponse.from(await this.escalation.escalateSession(actor, id, reason || null));
  }
}
