import { Body, Controller, Get, Headers, Param, Post, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Actor } from '../common/actor.js';
import { CurrentActor } from '../common/http/access.decorators.js';
import { ApiErrors } from '../common/http/api-errors.decorator.js';
import type { Page } from '../common/pagination/page.js';
import { IdPipe } from '../common/validation/id.pipe.js';
import { Idempotent } from '../idempotency/idempotent.decorator.js';
import { MessagePageQueryDto } from './dto/message-queries.dto.js';
import { MessageResponse, toMessageResponse } from './dto/message.response.dto.js';
import { RoomMessageDto } from './dto/room-message.dto.js';
import { MessagesService } from './messages.service.js';
import { RoomMessages } from './room-messages.service.js';

const roomId = new IdPipe('CHAT_ROOM_NOT_FOUND');

/** The routes of chat rooms that need messages, which rooms may not know. */
@ApiTags('chat-rooms')
@ApiBearerAuth()
@Controller('chat-rooms/:id/messages')
export class RoomMessagesController {
  constructor(
    private readonly messages: MessagesService,
    private readonly rooms: RoomMessages,
  ) {}

  /** One page of a room, ascending; the newest one by default. */
  @Get()
  @ApiOperation({ operationId: 'listRoomMessages' })
  @ApiOkResponse({ type: [MessageResponse] })
  @ApiErrors('CHAT_ROOM_NOT_FOUND')
  async list(
    @CurrentActor() actor: Actor,
    @Param('id', roomId) id: string,
    @Query() query: MessagePageQueryDto,
  ): Promise<Page<MessageResponse>> {
    return (await this.messages.page(actor, id, query, 'CHAT_ROOM_NOT_FOUND')).map(toMessageResponse);
  }

  /** Says something in a room. */
  @Post()
  @Idempotent()
  @ApiOperation({ operationId: 'sendRoomMessage' })
  @ApiErrors('CHAT_ROOM_NOT_FOUND', 'MESSAGE_NOT_FOUND')
  async send(
    @CurrentActor() actor: Actor,
    @Param('id', roomId) id: string,
    @Body() body: RoomMessageDto,
    @Headers('idempotency-key') idempotencyKey?: string,
  ): Promise<MessageResponse> {
    const clientMessageId = body.clientMessageId ?? idempotencyKey;
    const { message } = await this.rooms.send(actor, { ...body, chatRoomId: id, clientMessageId });
    return toMessageResponse(message);
  }
}
