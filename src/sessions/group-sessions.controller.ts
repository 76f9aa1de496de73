import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { Actor } from '../common/actor.js';
import { CurrentActor } from '../common/http/access.decorators.js';
import { ApiErrors } from '../common/http/api-errors.decorator.js';
import type { Page } from '../common/pagination/page.js';
import { IdPipe } from '../common/validation/id.pipe.js';
import { ListGroupSessionsDto } from './dto/list-sessions.dto.js';
import { SessionResponse } from './dto/session-response.dto.js';
import { SessionsService } from './sessions.service.js';

const groupId = new IdPipe('GROUP_NOT_FOUND');

/** The route of groups that needs sessions, which groups may not know. */
@ApiTags('groups')
@Controller('groups/:id/sessions')
export class GroupSessionsController {
  constructor(private readonly sessions: SessionsService) {}

  /** Lists the sessions of a group, the latest active first. */
  @Get()
  @ApiErrors('GROUP_NOT_FOUND')
  @ApiOkResponse({ type: [SessionResponse] })
  list(
    @CurrentActor() actor: Actor,
    @Param('id', groupId) id: string,
    @Query() query: ListGroupSessionsDto,
  ): Promise<Page<SessionResponse>> {
    return this.sessions.listOfGroup(actor, id, query, query);
  }
}
