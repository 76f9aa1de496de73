import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { Actor } from '../common/actor.js';
import { CurrentActor } from '../common/http/access.decorators.js';
import { ApiErrors } from '../common/http/api-errors.decorator.js';
import { PageQueryDto } from '../common/pagination/page-query.dto.js';
import type { Page } from '../common/pagination/page.js';
import { IdPipe } from '../common/validation/id.pipe.js';
import { Idempotent } from '../idempotency/idempotent.decorator.js';
import { ChatRoomsService } from './chat-rooms.service.js';
import {
  AddParticipantsDto,
  ChangeParticipantDto,
  CreateChatRoomDto,
  ReadToDto,
  UpdateChatRoomDto,
} from './dto/chat-room.dto.js';
import { ChatRoomResponse, RoomDoneResponse, toChatRoomResponse } from './dto/chat-room.response.dto.js';
import { ReceiptsService } from './receipts.service.js';

const roomId = new IdPipe('CHAT_ROOM_NOT_FOUND');

@ApiTags('chat-rooms')
@ApiBearerAuth()
@Controller('chat-rooms')
export class ChatRoomsController {
  constructor(
    private readonly rooms: ChatRoomsService,
    private readonly receipts: ReceiptsService,
  ) {}

  /** Lists the rooms you are in, the latest active first. */
  @Get()
  @ApiOkResponse({ type: [ChatRoomResponse] })
  async list(@CurrentActor() actor: Actor, @Query() query: PageQueryDto): Promise<Page<ChatRoomResponse>> {
    return (await this.rooms.list(actor, query)).map(toChatRoomResponse);
  }

  /** Makes a room; a second DIRECT one of the same two is the first. */
  @Post()
  @Idempotent()
  @ApiErrors('USER_NOT_FOUND', 'CHAT_ROOM_FULL')
  async create(@CurrentActor() actor: Actor, @Body() input: CreateChatRoomDto): Promise<ChatRoomResponse> {
    return toChatRoomResponse((await this.rooms.create(actor, input)).room);
  }

  /** Shows a room. */
  @Get(':id')
  @ApiErrors('CHAT_ROOM_NOT_FOUND')
  async get(@CurrentActor() actor: Actor, @Param('id', roomId) id: string): Promise<ChatRoomResponse> {
    return toChatRoomResponse(await this.rooms.get(actor, id));
  }

  /** Renames or archives a room (its OWNER and ADMINs). */
  @Patch(':id')
  @ApiErrors('CHAT_ROOM_NOT_FOUND', 'FORBIDDEN')
  async update(
    @CurrentActor() actor: Actor,
    @Param('id', roomId) id: string,
    @Body() changes: UpdateChatRoomDto,
  ): Promise<ChatRoomResponse> {
    return toChatRoomResponse(await this.rooms.update(actor, id, changes));
  }

  /** Deletes a room with all that was said in it (its OWNER). */
  @Delete(':id')
  @ApiErrors('CHAT_ROOM_NOT_FOUND', 'FORBIDDEN')
  async remove(@CurrentActor() actor: Actor, @Param('id', roomId) id: string): Promise<RoomDoneResponse> {
    await this.rooms.remove(actor, id);
    return { ok: true };
  }

  /** Adds people (OWNER and ADMINs); those who are in already stay as they are. */
  @Post(':id/participants')
  @Idempotent()
  @ApiErrors('CHAT_ROOM_NOT_FOUND', 'USER_NOT_FOUND', 'FORBIDDEN', 'CHAT_ROOM_FULL', 'CHAT_ROOM_IS_DIRECT')
  async addParticipants(
    @CurrentActor() actor: Actor,
    @Param('id', roomId) id: string,
    @Body() { participantIds }: AddParticipantsDto,
  ): Promise<ChatRoomResponse> {
    return toChatRoomResponse(await this.rooms.addParticipants(actor, id, participantIds));
  }

  /** Takes somebody out (OWNER and ADMINs), or leaves with your own id. */
  @Delete(':id/participants/:userId')
  @ApiErrors('CHAT_ROOM_NOT_FOUND', 'PARTICIPANT_NOT_FOUND', 'FORBIDDEN', 'CHAT_ROOM_IS_DIRECT')
  async removeParticipant(
    @CurrentActor() actor: Actor,
    @Param('id', roomId) id: string,
    @Param('userId', new IdPipe('PARTICIPANT_NOT_FOUND')) userId: string,
  ): Promise<RoomDoneResponse> {
    await this.rooms.removeParticipant(actor, id, userId);
    return { ok: true };
  }

  /** Gives somebody another role (the OWNER); making somebody OWNER hands the room over. */
  @Patch(':id/participants/:userId')
  @ApiErrors('CHAT_ROOM_NOT_FOUND', 'PARTICIPANT_NOT_FOUND', 'FORBIDDEN', 'CHAT_ROOM_IS_DIRECT')
  async changeRole(
    @CurrentActor() actor: Actor,
    @Param('id', roomId) id: string,
    @Param('userId', new IdPipe('PARTICIPANT_NOT_FOUND')) userId: string,
    @Body() { role }: ChangeParticipantDto,
  ): Promise<ChatRoomResponse> {
    return toChatRoomResponse(await this.rooms.changeRole(actor, id, userId, role));
  }

  /** Moves your read position forward; it never goes back. */
  @Post(':id/read')
  @HttpCode(200)
  @ApiErrors('CHAT_ROOM_NOT_FOUND')
  async read(
    @CurrentActor() actor: Actor,
    @Param('id', roomId) id: string,
    @Body() { seq }: ReadToDto,
  ): Promise<RoomDoneResponse> {
    await this.receipts.readTo(actor, id, seq);
    return { ok: true };
  }
}
