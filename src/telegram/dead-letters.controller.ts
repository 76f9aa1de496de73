import { Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { Actor } from '../common/actor.js';
import { CurrentActor, RequiresRole } from '../common/http/access.decorators.js';
import { ApiErrors } from '../common/http/api-errors.decorator.js';
import { PageQueryDto } from '../common/pagination/page-query.dto.js';
import type { Page } from '../common/pagination/page.js';
import { DeadLetters } from './dead-letters.service.js';
import { DeadLetterResponse } from './dto/dead-letter.dto.js';
import { UpdateIdPipe } from './update-id.pipe.js';

@ApiTags('telegram')
@ApiBearerAuth()
@RequiresRole('admin')
@Controller('api/telegram/dead-letters')
export class DeadLettersController {
  constructor(private readonly letters: DeadLetters) {}

  /** Updates of Telegram that could not be processed, the newest first (admins only). */
  @Get()
  @ApiOperation({ operationId: 'listDeadLetters' })
  @ApiOkResponse({ type: [DeadLetterResponse] })
  async list(@Query() query: PageQueryDto): Promise<Page<DeadLetterResponse>> {
    return (await this.letters.list(query)).map((letter) => DeadLetterResponse.from(letter));
  }

  /** Process one again, as if it came now (admins only). It is in the list no more when that succeeds. */
  @Post(':updateId/redrive')
  @HttpCode(200)
  @ApiOperation({ operationId: 'redriveDeadLetter' })
  @ApiParam({ name: 'updateId', schema: { type: 'string' } })
  @ApiErrors('DEAD_LETTER_NOT_FOUND', 'DEAD_LETTER_FAILED')
  async redrive(
    @CurrentActor() actor: Actor,
    @Param('updateId', UpdateIdPipe) updateId: number,
  ): Promise<DeadLetterResponse> {
    return DeadLetterResponse.from(await this.letters.redrive(actor, updateId));
  }
}
