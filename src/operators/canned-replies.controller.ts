import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Actor } from '../common/actor.js';
import { CurrentActor, RequiresRole } from '../common/http/access.decorators.js';
import { ApiErrors } from '../common/http/api-errors.decorator.js';
import { IdPipe } from '../common/validation/id.pipe.js';
import { Idempotent } from '../idempotency/idempotent.decorator.js';
import { CannedReplies } from './canned-replies.service.js';
import { CannedReplyResponse, CreateCannedReplyDto, UpdateCannedReplyDto } from './dto/canned-reply.dto.js';

const replyId = new IdPipe('CANNED_REPLY_NOT_FOUND');

@ApiTags('canned replies')
@ApiBearerAuth()
@RequiresRole('operator')
@Controller('api/canned-replies')
export class CannedRepliesController {
  constructor(private readonly replies: CannedReplies) {}

  /** The answers that operators keep at hand, by title. */
  @Get()
  @ApiOkResponse({ type: [CannedReplyResponse] })
  async list(): Promise<CannedReplyResponse[]> {
    return (await this.replies.list()).map((reply) => CannedReplyResponse.from(reply));
  }

  /** Shows one. */
  @Get(':id')
  @ApiOperation({ operationId: 'getCannedReply' })
  @ApiErrors('CANNED_REPLY_NOT_FOUND')
  async get(@Param('id', replyId) id: string): Promise<CannedReplyResponse> {
    return CannedReplyResponse.from(await this.replies.get(id));
  }

  /** Adds one. */
  @Post()
  @ApiOperation({ operationId: 'createCannedReply' })
  @Idempotent()
  @ApiErrors('SHORTCUT_TAKEN')
  async create(@CurrentActor() actor: Actor, @Body() input: CreateCannedReplyDto): Promise<CannedReplyResponse> {
    return CannedReplyResponse.from(await this.replies.create(actor, input));
  }

  /** Changes one. */
  @Patch(':id')
  @ApiOperation({ operationId: 'updateCannedReply' })
  @ApiErrors('CANNED_REPLY_NOT_FOUND', 'SHORTCUT_TAKEN')
  async update(@Param('id', replyId) id: string, @Body() changes: UpdateCannedReplyDto): Promise<CannedReplyResponse> {
    return CannedReplyResponse.from(await this.replies.update(id, changes));
  }

  /** Removes one. */
  @Delete(':id')
  @ApiOperation({ operationId: 'removeCannedReply' })
  @HttpCode(204)
  @ApiErrors('CANNED_REPLY_NOT_FOUND')
  remove(@Param('id', replyId) id: string): Promise<void> {
    return this.replies.remove(id);
  }
}
