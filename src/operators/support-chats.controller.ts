import { Body, Controller, Get, Headers, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Actor } from '../common/actor.js';
import { CurrentActor, RequiresRole } from '../common/http/access.decorators.js';
import { ApiErrors } from '../common/http/api-errors.decorator.js';
import { IdPipe } from '../common/validation/id.pipe.js';
import { Idempotent } from '../idempotency/idempotent.decorator.js';
import { ChatNotes } from './chat-notes.service.js';
import { toDeskMessage } from './desk-message.js';
import {
  AddNoteDto,
  FilterChatsDto,
  ListChatMessagesDto,
  ListChatsDto,
  MarkChatDto,
  ReadChatDto,
  ReplyDto,
} from './dto/chat.dto.js';
import { ChatResponse, toChatResponse } from './dto/chat.response.dto.js';
import { DeskMessageResponse } from './dto/desk-message.response.dto.js';
import { NoteResponse } from './dto/note.response.dto.js';
import { SupportChatsService } from './support-chats.service.js';

const chatId = new IdPipe('CHAT_NOT_FOUND');

/** What operators read and write in support chats. */
@ApiTags('support chats')
@ApiBearerAuth()
@RequiresRole('operator')
@Controller('api/chats')
export class SupportChatsController {
  constructor(
    private readonly chats: SupportChatsService,
    private readonly notes: ChatNotes,
  ) {}

  /** List chats: waiting ones and your own, seniors all of them. Pinned ones come first, then the latest active. */
  @Get()
  @ApiOkResponse({ type: [ChatResponse] })
  list(@CurrentActor() actor: Actor, @Query() query: ListChatsDto): Promise<ChatResponse[]> {
    return this.find(actor, query);
  }

  /** The same, with the filters in the body. */
  @Post()
  @HttpCode(200)
  @ApiOperation({ operationId: 'filterSupportChats' })
  @ApiOkResponse({ type: [ChatResponse] })
  filter(@CurrentActor() actor: Actor, @Body() query: FilterChatsDto): Promise<ChatResponse[]> {
    return this.find(actor, query);
  }

  /** Shows a chat. */
  @Get(':id')
  @ApiErrors('CHAT_NOT_FOUND')
  async get(@CurrentActor() actor: Actor, @Param('id', chatId) id: string): Promise<ChatResponse> {
    return toChatResponse(await this.chats.get(actor, id));
  }

  /** Changes a chat's priority, tags or pin. */
  @Patch(':id')
  @ApiErrors('CHAT_NOT_FOUND')
  async update(
    @CurrentActor() actor: Actor,
    @Param('id', chatId) id: string,
    @Body() marks: MarkChatDto,
  ): Promise<ChatResponse> {
    return toChatResponse(await this.chats.mark(actor, id, marks));
  }

  /** Messages of a chat, ascending. Who holds the chat has read them then. */
  @Get(':id/messages')
  @ApiOperation({ operationId: 'listSupportChatMessages' })
  @ApiOkResponse({ type: [DeskMessageResponse] })
  @ApiErrors('CHAT_NOT_FOUND')
  async messages(
    @CurrentActor() actor: Actor,
    @Param('id', chatId) id: string,
    @Query() query: ListChatMessagesDto,
  ): Promise<DeskMessageResponse[]> {
    const { messages, readSeq } = await this.chats.page(actor, id, query);
    return messages.map((message) => toDeskMessage(message, readSeq));
  }

  /** Answers the customer: who holds the chat, or a senior. */
  @Post(':id/messages')
  @Idempotent()
  @ApiOperation({ operationId: 'replyInSupportChat' })
  @ApiCreatedResponse({ type: DeskMessageResponse })
  @ApiErrors('CHAT_NOT_FOUND', 'CHAT_NOT_TAKEN', 'CHAT_CLOSED', 'STALE_READ')
  async reply(
    @CurrentActor() actor: Actor,
    @Param('id', chatId) id: string,
    @Body() { text, ifSeq, clientMessageId }: ReplyDto,
    @Headers('idempotency-key') idempotencyKey?: string,
  ): Promise<DeskMessageResponse> {
    const reply = { text, ifSeq, clientMessageId: clientMessageId ?? idempotencyKey };
    const { message } = await this.chats.reply(actor, id, reply);
    return toDeskMessage(message, message.seq);
  }

  /** Marks what was said up to a message as read. */
  @Post(':id/read')
  @HttpCode(200)
  @ApiErrors('CHAT_NOT_FOUND')
  async read(
    @CurrentActor() actor: Actor,
    @Param('id', chatId) id: string,
    @Body() { seq }: ReadChatDto,
  ): Promise<ChatResponse> {
    return toChatResponse(await this.chats.markRead(actor, id, seq));
  }

  /** What operators noted about a chat, the oldest first. */
  @Get(':id/notes')
  @ApiOperation({ operationId: 'listSupportChatNotes' })
  @ApiOkResponse({ type: [NoteResponse] })
  @ApiErrors('CHAT_NOT_FOUND')
  async listNotes(@CurrentActor() actor: Actor, @Param('id', chatId) id: string): Promise<NoteResponse[]> {
    return (await this.notes.list(actor, id)).map((note) => NoteResponse.from(note));
  }

  /** Notes something about a chat, for operators only. */
  @Post(':id/notes')
  @Idempotent()
  @ApiOperation({ operationId: 'addSupportChatNote' })
  @ApiErrors('CHAT_NOT_FOUND')
  async addNote(
    @CurrentActor() actor: Actor,
    @Param('id', chatId) id: string,
    @Body() { text }: AddNoteDto,
  ): Promise<NoteResponse> {
    return NoteResponse.from(await this.notes.add(actor, id, text));
  }

  private async find(actor: Actor, query: ListChatsDto | FilterChatsDto): Promise<ChatResponse[]> {
    const { operator_id, ...filter } = query;
    const wanted = { ...filter, ...(operator_id === undefined ? {} : { operatorId: operator_id }) };
    return (await this.chats.list(actor, wanted, query)).map(toChatResponse);
  }
}
