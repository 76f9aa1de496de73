import { Controller, Delete, HttpCode, Param, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { Actor } from '../common/actor.js';
import { CurrentActor } from '../common/http/access.decorators.js';
import { ApiErrors } from '../common/http/api-errors.decorator.js';
import { EmojiPipe } from '../common/validation/emoji.pipe.js';
import { IdPipe } from '../common/validation/id.pipe.js';
import { MessageResponse, toMessageResponse } from './dto/message.response.dto.js';
import { ReactionsService } from './reactions.service.js';

const messageId = new IdPipe('MESSAGE_NOT_FOUND');
const EMOJI = {
  name: 'emoji',
  description: 'One emoji, URL-encoded.',
  schema: { type: 'string', minLength: 1 },
} as const;

@ApiTags('messages')
@ApiBearerAuth()
@Controller('messages/:id/reactions/:emoji')
export class ReactionsController {
  constructor(private readonly reactions: ReactionsService) {}

  /** Put an emoji on a message; once a person, however often it is asked for. */
  @Post()
  @HttpCode(200)
  @ApiOperation({ operationId: 'addReaction' })
  @ApiParam(EMOJI)
  @ApiErrors('VALIDATION_FAILED', 'MESSAGE_NOT_FOUND', 'MESSAGE_DELETED', 'TOO_MANY_REACTIONS')
  async add(
    @CurrentActor() actor: Actor,
    @Param('id', messageId) id: string,
    @Param('emoji', EmojiPipe) emoji: string,
  ): Promise<MessageResponse> {
    return toMessageResponse(await this.reactions.react(actor, id, emoji, true));
  }

  /** Take your emoji off a message. */
  @Delete()
  @ApiOperation({ operationId: 'removeReaction' })
  @ApiParam(EMOJI)
  @ApiErrors('VALIDATION_FAILED', 'MESSAGE_NOT_FOUND', 'MESSAGE_DELETED')
  async remove(
    @CurrentActor() actor: Actor,
    @Param('id', messageId) id: string,
    @Param('emoji', EmojiPipe) emoji: string,
  ): Promise<MessageResponse> {
    return toMessageResponse(await this.reactions.react(actor, id, emoji, false));
  }
}
