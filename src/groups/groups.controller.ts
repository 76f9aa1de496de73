import { Body, Controller, Delete, Get, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { Actor } from '../common/actor.js';
import { CurrentActor } from '../common/http/access.decorators.js';
import { ApiErrors } from '../common/http/api-errors.decorator.js';
import { PageQueryDto } from '../common/pagination/page-query.dto.js';
import type { Page } from '../common/pagination/page.js';
import { IdPipe } from '../common/validation/id.pipe.js';
import { Idempotent } from '../idempotency/idempotent.decorator.js';
import { CreateGroupDto } from './dto/create-group.dto.js';
import { GroupDeletedResponse, GroupResponse } from './dto/group-response.dto.js';
import { UpdateGroupDto } from './dto/update-group.dto.js';
import { GroupsService } from './groups.service.js';

const groupId = new IdPipe('GROUP_NOT_FOUND');

@ApiTags('groups')
@Controller('groups')
export class GroupsController {
  constructor(private readonly groups: GroupsService) {}

  /** Lists your groups, the oldest first. */
  @Get()
  @ApiOkResponse({ type: [GroupResponse] })
  list(@CurrentActor() actor: Actor, @Query() page: PageQueryDto): Promise<Page<GroupResponse>> {
    return this.groups.list(actor, page);
  }

  /** Makes a group. */
  @Post()
  @Idempotent()
  create(@CurrentActor() actor: Actor, @Body() input: CreateGroupDto): Promise<GroupResponse> {
    return this.groups.create(actor, input);
  }

  /** Renames a group. */
  @Patch(':id')
  @ApiErrors('GROUP_NOT_FOUND')
  update(
    @CurrentActor() actor: Actor,
    @Param('id', groupId) id: string,
    @Body() changes: UpdateGroupDto,
  ): Promise<GroupResponse> {
    return this.groups.update(actor, id, changes);
  }

  /** Deletes a group; its sessions stay, without a group. */
  @Delete(':id')
  @ApiErrors('GROUP_NOT_FOUND')
  async remove(@CurrentActor() actor: Actor, @Param('id', groupId) id: string): Promise<GroupDeletedResponse> {
    await this.groups.remove(actor, id);
    return { ok: true };
  }
}
