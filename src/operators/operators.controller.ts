import { Body, Controller, Get, Param, Patch, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Actor } from '../common/actor.js';
import { CurrentActor, RequiresRole } from '../common/http/access.decorators.js';
import { ApiErrors } from '../common/http/api-errors.decorator.js';
import { IdPipe } from '../common/validation/id.pipe.js';
import { Idempotent } from '../idempotency/idempotent.decorator.js';
import { CreateOperatorDto, OperatorResponse, UpdateOperatorDto, UpdateOwnOperatorDto } from './dto/operator.dto.js';
import { OperatorsService } from './operators.service.js';

@ApiTags('operators')
@ApiBearerAuth()
@RequiresRole('operator')
@Controller('api/operators')
export class OperatorsController {
  constructor(private readonly operators: OperatorsService) {}

  /** Everybody who works at the desk. */
  @Get()
  @ApiOkResponse({ type: [OperatorResponse] })
  async list(): Promise<OperatorResponse[]> {
    return (await this.operators.list()).map((operator) => OperatorResponse.from(operator));
  }

  /** Who is signed in at the desk. */
  @Get('me')
  @ApiOperation({ operationId: 'getOwnOperator' })
  async me(@CurrentActor() actor: Actor): Promise<OperatorResponse> {
    return OperatorResponse.from(await this.operators.get(actor.userId));
  }

  /** Say whether you are there, and how many chats you hold at once. */
  @Patch('me')
  @ApiOperation({ operationId: 'updateOwnOperator' })
  async updateMe(@CurrentActor() actor: Actor, @Body() changes: UpdateOwnOperatorDto): Promise<OperatorResponse> {
    return OperatorResponse.from(await this.operators.setOwn(actor, changes));
  }

  /** Make an account for a new operator (admins only). */
  @Post()
  @RequiresRole('admin')
  @Idempotent()
  @ApiErrors('EMAIL_TAKEN', 'SERVER_BUSY')
  async create(@CurrentActor() actor: Actor, @Body() input: CreateOperatorDto): Promise<OperatorResponse> {
    return OperatorResponse.from(await this.operators.create(actor, input));
  }

  /** Change an operator's name, role or limit, or whether they may sign in (admins only). */
  @Patch(':id')
  @RequiresRole('admin')
  @ApiErrors('OPERATOR_NOT_FOUND', 'LAST_ADMIN')
  async update(
    @CurrentActor() actor: Actor,
    @Param('id', new IdPipe('OPERATOR_NOT_FOUND')) id: string,
    @Body() changes: UpdateOperatorDto,
  ): Promise<OperatorResponse> {
    return OperatorResponse.from(await this.operators.update(actor, id, changes));
  }
}
