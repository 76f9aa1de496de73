import { Body, Controller, Delete, Get, Headers, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Actor } from '../common/actor.js';
import { AppError } from '../common/errors/app-error.js';
import { CurrentActor } from '../common/http/access.decorators.js';
import { ApiErrors } from '../common/http/api-errors.decorator.js';
import { PageQueryDto } from '../common/pagination/page-query.dto.js';
import type { Page } from '../common/pagination/page.js';
import { IdPipe } from '../common/validation/id.pipe.js';
import { Idempotent } from '../idempotency/idempotent.decorator.js';
import { MessagePageQueryDto, MessageSearchQueryDto } from './dto/message-queries.dto.js';
import { MessageResponse, RevisionResponse, toMessageResponse } from './dto/message.response.dto.js';
import { EditMessageDto, SendMessageDto } from './dto/send-message.dto.js';
import { MessageSearchService } from './message-search.service.js';
import { MessagesService } from './messages.service.js';
import { RoomMessages } from './room-messages.service.js';

@ApiTags('messages')
@ApiBearerAuth()
@Controller('messages')
export class MessagesController {
  constructor(
    private readonly messages: MessagesService,
    private readonly searching: MessageSearchService,
    private readonly rooms: RoomMessages,
  ) {}

  /** Find messages by their words, newest first. */
  @Get('search')
  @ApiOkResponse({ type: [MessageResponse] })
  @ApiErrors('CONVERSATION_NOT_FOUND')
  async search(@CurrentActor() actor: Actor, @Query() query: MessageSearchQueryDto): Promise<Page<MessageResponse>> {
    return (await this.searching.search(actor, query)).map(toMessageResponse);
  }

  /** One page of a session, ascending; the newest one by default. */
  @Get(':id')
  @ApiOkResponse({ type: [MessageResponse] })
  @ApiErrors('SESSION_NOT_FOUND')
  async list(
    @CurrentActor() actor: Actor,
    @Param('id', new IdPipe('SESSION_NOT_FOUND')) sessionId: string,
    @Query() query: MessagePageQueryDto,
  ): Promise<Page<MessageResponse>> {
    return (await this.messages.page(actor, sessionId, query)).map(toMessageResponse);
  }

  /** Store a message; one of role `user` in a session starts the assistant's answer. */
  @Post()
  @Idempotent()
  @ApiErrors('SESSION_NOT_FOUND', 'CHAT_ROOM_NOT_FOUND', 'MESSAGE_NOT_FOUND', 'RATE_LIMITED', 'TOKEN_QUOTA_EXCEEDED')
  async send(
    @CurrentActor() actor: Actor,
    @Body() body: SendMessageDto,
    @Headers('idempotency-key') idempotencyKey?: string,
  ): Promise<MessageResponse> {
    const { sessionId, chatRoomId, ...rest } = body;
    if ((sessionId == null) === (chatRoomId == null))
      throw new AppError('VALIDATION_FAILED', { message: 'Give either sessionId or chatRoomId.' });
    // The same key on a socket (as clientMessageId) stands for the same message.
    const clientMessageId = rest.clientMessageId ?? idempotencyKey;
    if (sessionId == null) {
      const { role, ...said } = rest;
      if (role !== 'user') throw new AppError('VALIDATION_FAILED', { message: 'In a chat room the role is user.' });
      const room = { ...said, chatRoomId: chatRoomId ?? '', clientMessageId };
      return toMessageResponse((await this.rooms.send(actor, room)).message);
    }
    const { message } = await this.messages.sendToSession(actor, { ...rest, sessionId, clientMessageId });
    return toMessageResponse(message);
  }

  /** Replace the text of a message of your own. A changed question is answered anew. */
  @Patch(':id')
  @ApiErrors('MESSAGE_NOT_FOUND', 'MESSAGE_NOT_EDITABLE')
  async edit(
    @CurrentActor() actor: Actor,
    @Param('id', new IdPipe('MESSAGE_NOT_FOUND')) id: string,
    @Body() body: EditMessageDto,
  ): Promise<MessageResponse> {
    return toMessageResponse(await this.messages.edit(actor, id, body.content));
  }

  /** Empty a message; its place stays. */
  @Delete(':id')
  @ApiErrors('MESSAGE_NOT_FOUND')
  async remove(
    @CurrentActor() actor: Actor,
    @Param('id', new IdPipe('MESSAGE_NOT_FOUND')) id: string,
  ): Promise<MessageResponse> {
    return toMessageResponse(await this.messages.remove(actor, id));
  }

  /** What a message said before its edits, oldest first. */
  @Get(':id/revisions')
  @ApiOperation({ operationId: 'listMessageRevisions' })
  @ApiOkResponse({ type: [RevisionResponse] })
  @ApiErrors('MESSAGE_NOT_FOUND')
  async revisions(
    @CurrentActor() actor: Actor,
    @Param('id', new IdPipe('MESSAGE_NOT_FOUND')) id: string,
    @Query() page: PageQueryDto,
  ): Promise<Page<RevisionResponse>> {
    const revisions = await this.messages.revisions(actor, id, page);
    return revisions.map(({ content, replacedAt }) => ({ content, replacedAt: replacedAt.toISOString() }));
  }
}
