import { Readable } from 'node:stream';
import { Body, Controller, Delete, Get, HttpCode, Param, Post, Put, Query, StreamableFile } from '@nestjs/common';
import { ApiOkResponse } from '@nestjs/swagger';
import type { Actor } from '../../common/actor.js';
import { CurrentActor } from '../../common/http/access.decorators.js';
import { ApiErrors } from '../../common/http/api-errors.decorator.js';
import type { Page } from '../../common/pagination/page.js';
import { Idempotent } from '../../idempotency/idempotent.decorator.js';
import { ApiV1 } from './api-v1.decorator.js';
import { ChatIdPipe } from './chat-id.pipe.js';
import { ApiV1ChatsService } from './chats.service.js';
import {
  ApiV1Chat,
  ApiV1ChatWithMessages,
  ApiV1CreateChatDto,
  ApiV1ListChatsDto,
  ApiV1RenameChatDto,
  ApiV1RestoredChat,
  ApiV1ShowChatDto,
} from './dto/chat.dto.js';
import { ApiV1Done } from './dto/outcome.dto.js';

const chatId = new ChatIdPipe();

@ApiV1()
@Controller('api/v1/chats')
export class ApiV1ChatsController {
  constructor(private readonly chats: ApiV1ChatsService) {}

  /** Lists your chats, the latest active first; without the archived ones unless asked for. */
  @Get()
  @ApiOkResponse({ type: [ApiV1Chat] })
  list(@CurrentActor() actor: Actor, @Query() query: ApiV1ListChatsDto): Promise<Page<ApiV1Chat>> {
    return this.chats.list(actor, query);
  }

  /** Starts a chat. */
  @Post()
  @Idempotent()
  create(@CurrentActor() actor: Actor, @Body() input: ApiV1CreateChatDto): Promise<ApiV1Chat> {
    return this.chats.create(actor, { title: input.title, model: input.model_used });
  }

  /** Shows a chat, archived or not. */
  @Get(':id')
  @ApiErrors('VALIDATION_FAILED', 'SESSION_NOT_FOUND')
  @ApiOkResponse({ type: ApiV1ChatWithMessages })
  async get(
    @CurrentActor() actor: Actor,
    @Param('id', chatId) id: string,
    @Query() query: ApiV1ShowChatDto,
  ): Promise<ApiV1Chat | StreamableFile> {
    if (!query.include_messages) return this.chats.get(actor, id);
    const document = new StreamableFile(Readable.from(await this.chats.document(actor, id)), {
      type: 'application/json; charset=utf-8',
    });
    // A document that broke off must not look like a whole one.
    return document.setErrorHandler((_error, response) => response.destroy?.());
  }

  /** Changes a chat's title. */
  @Put(':id')
  @ApiErrors('SESSION_NOT_FOUND')
  rename(
    @CurrentActor() actor: Actor,
    @Param('id', chatId) id: string,
    @Body() { title }: ApiV1RenameChatDto,
  ): Promise<ApiV1Chat> {
    return this.chats.rename(actor, id, title);
  }

  /** Archives a chat: it is kept, and can be restored. */
  @Delete(':id')
  @ApiErrors('VALIDATION_FAILED', 'SESSION_NOT_FOUND')
  async archive(@CurrentActor() actor: Actor, @Param('id', chatId) id: string): Promise<ApiV1Done> {
    await this.chats.setArchived(actor, id, true);
    return { message: 'Chat archived' };
  }

  /** Takes a chat out of the archive. */
  @Post(':id/restore')
  @ApiErrors('SESSION_NOT_FOUND')
  @HttpCode(200)
  async restore(@CurrentActor() actor: Actor, @Param('id', chatId) id: string): Promise<ApiV1RestoredChat> {
    return { ...(await this.chats.setArchived(actor, id, false)), message: 'Chat restored' };
  }
}
