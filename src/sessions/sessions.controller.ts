import { Body, Controller, Delete, Get, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { Actor } from '../common/actor.js';
import { CurrentActor } from '../common/http/access.decorators.js';
import { ApiErrors } from '../common/http/api-errors.decorator.js';
import type { Page } from '../common/pagination/page.js';
import { IdPipe } from '../common/validation/id.pipe.js';
import { Idempotent } from '../idempotency/idempotent.decorator.js';
import { CreateSessionDto } from './dto/create-session.dto.js';
import { ListSessionsDto } from './dto/list-sessions.dto.js';
import { SessionDeletedResponse, SessionResponse } from './dto/session-response.dto.js';
import { SetFavoriteDto, SetGroupDto, UpdateSessionDto } from './dto/update-session.dto.js';
import { SessionsService } from './sessions.service.js';

const sessionId = new IdPipe('SESSION_NOT_FOUND');

@ApiTags('sessions')
@Controller('sessions')
export class SessionsController {
  constructor(private readonly sessions: SessionsService) {}

  /** Lists your sessions, the latest active first; without the archived ones unless asked for. */
  @Get()
  @ApiOkResponse({ type: [SessionResponse] })
  list(@CurrentActor() actor: Actor, @Query() query: ListSessionsDto): Promise<Page<SessionResponse>> {
    return this.sessions.list(actor, query, query);
  }

  /** Shows a session. */
  @Get(':id')
  @ApiErrors('SESSION_NOT_FOUND')
  get(@CurrentActor() actor: Actor, @Param('id', sessionId) id: string): Promise<SessionResponse> {
    return this.sessions.get(actor, id);
  }

  /** Starts a session. */
  @Post()
  @Idempotent()
  @ApiErrors('GROUP_NOT_FOUND', 'MODEL_UNKNOWN', 'PROVIDER_UNKNOWN')
  create(@CurrentActor() actor: Actor, @Body() input: CreateSessionDto): Promise<SessionResponse> {
    return this.sessions.create(actor, input);
  }

  /** Changes a session's title, favourite mark, group, model or archive mark. */
  @Patch(':id')
  @ApiErrors('SESSION_NOT_FOUND', 'GROUP_NOT_FOUND', 'MODEL_UNKNOWN', 'PROVIDER_UNKNOWN')
  update(
    @CurrentActor() actor: Actor,
    @Param('id', sessionId) id: string,
    @Body() changes: UpdateSessionDto,
  ): Promise<SessionResponse> {
    return this.sessions.update(actor, id, changes);
  }

  /** Marks or unmarks a session as a favourite. */
  @Patch(':id/favorite')
  @ApiErrors('SESSION_NOT_FOUND')
  setFavorite(
    @CurrentActor() actor: Actor,
    @Param('id', sessionId) id: string,
    @Body() { isFavorite }: SetFavoriteDto,
  ): Promise<SessionResponse> {
    return this.sessions.update(actor, id, { isFavorite });
  }

  /** Puts a session into a group, or out of the one it is in. */
  @Patch(':id/group')
  @ApiErrors('SESSION_NOT_FOUND', 'GROUP_NOT_FOUND')
  setGroup(
    @CurrentActor() actor: Actor,
    @Param('id', sessionId) id: string,
    @Body() { groupId }: SetGroupDto,
  ): Promise<SessionResponse> {
    return this.sessions.update(actor, id, { groupId });
  }

  /** Deletes a session with all its messages. */
  @Delete(':id')
  @ApiErrors('SESSION_NOT_FOUND')
  async remove(@CurrentActor() actor: Actor, @Param('id', sessionId) id: string): Promise<SessionDeletedResponse> {
    await this.sessions.remove(actor, id);
    return { ok: true };
  }
}
