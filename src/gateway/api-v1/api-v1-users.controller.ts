import { Body, Controller, Get, Put } from '@nestjs/common';
import type { Actor } from '../../common/actor.js';
import { CurrentActor } from '../../common/http/access.decorators.js';
import { ApiV1 } from './api-v1.decorator.js';
import { ApiV1UpdateUserDto, ApiV1User } from './dto/account.dto.js';
import { ApiV1ProfilesService } from './profiles.service.js';

@ApiV1()
@Controller('api/v1/users')
export class ApiV1UsersController {
  constructor(private readonly profiles: ApiV1ProfilesService) {}

  /** Who is signed in. */
  @Get('me')
  async get(@CurrentActor() actor: Actor): Promise<ApiV1User> {
    return ApiV1User.from(await this.profiles.get(actor));
  }

  /** Change the own username. */
  @Put('me')
  async update(@CurrentActor() actor: Actor, @Body() changes: ApiV1UpdateUserDto): Promise<ApiV1User> {
    return ApiV1User.from(await this.profiles.update(actor, changes));
  }
}
