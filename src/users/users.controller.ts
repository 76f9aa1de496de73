import { Body, Controller, Get, Param, Patch, Query } from '@nestjs/common';
import { ApiExtraModels, ApiOkResponse, ApiTags, getSchemaPath } from '@nestjs/swagger';
import type { Actor } from '../common/actor.js';
import { CurrentActor, RequiresRole } from '../common/http/access.decorators.js';
import { ApiErrors } from '../common/http/api-errors.decorator.js';
import type { Page } from '../common/pagination/page.js';
import { IdPipe } from '../common/validation/id.pipe.js';
import { ChangeRoleDto } from './dto/change-role.dto.js';
import { ListUsersQueryDto } from './dto/list-users.dto.js';
import { PersonResponse, toUserRows, UserResponse } from './dto/user.dto.js';
import { RolesService } from './roles.service.js';
import { UsersService } from './users.service.js';

/** Other people. */
@ApiTags('users')
@Controller('users')
export class UsersController {
  constructor(
    private readonly users: UsersService,
    private readonly roles: RolesService,
  ) {}

  /** Find people by name (id and name only), or list everybody (admins only). */
  @Get()
  @ApiExtraModels(PersonResponse, UserResponse)
  @ApiOkResponse({
    schema: {
      type: 'array',
      items: { anyOf: [{ $ref: getSchemaPath(UserResponse) }, { $ref: getSchemaPath(PersonResponse) }] },
    },
  })
  @ApiErrors('FORBIDDEN')
  async list(
    @CurrentActor() actor: Actor,
    @Query() query: ListUsersQueryDto,
  ): Promise<Page<UserResponse | PersonResponse>> {
    return toUserRows(await this.users.list(actor, query));
  }

  /** Change what somebody may do (admins only). */
  @Patch(':id/role')
  @RequiresRole('admin')
  @ApiErrors('USER_NOT_FOUND', 'LAST_ADMIN')
  async changeRole(
    @CurrentActor() actor: Actor,
    @Param('id', new IdPipe('USER_NOT_FOUND')) id: string,
    @Body() { role }: ChangeRoleDto,
  ): Promise<UserResponse> {
    return UserResponse.from(await this.roles.change(actor, id, role));
  }
}
