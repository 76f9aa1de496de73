import { Body, Controller, HttpCode, Param, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Actor } from '../common/actor.js';
import { CurrentActor, RequiresRole } from '../common/http/access.decorators.js';
import { ApiErrors } from '../common/http/api-errors.decorator.js';
import { IdPipe } from '../common/validation/id.pipe.js';
import { ChatMoves } from './chat-moves.service.js';
import { CloseChatDto, TransferChatDto } from './dto/chat.dto.js';
import { ChatResponse, toChatResponse } from './dto/chat.response.dto.js';

const chatId = new IdPipe('CHAT_NOT_FOUND');

/** What moves a support chat from one state to another. */
@ApiTags('support chats')
@ApiBearerAuth()
@RequiresRole('operator')
@Controller('api/chats/:id')
export class ChatMovesController {
  constructor(private readonly moves: ChatMoves) {}

  /** Takes a chat: of many who try at once one gets it. The assistant is silent afterwards. */
  @Post('take')
  @ApiOperation({ operationId: 'takeSupportChat' })
  @HttpCode(200)
  @ApiErrors('CHAT_NOT_FOUND', 'CHAT_ALREADY_TAKEN', 'CHAT_CLOSED', 'OPERATOR_AT_CAPACITY')
  async take(@CurrentActor() actor: Actor, @Param('id', chatId) id: string): Promise<ChatResponse> {
    return toChatResponse(await this.moves.take(actor, id));
  }

  /** Gives a chat to another operator, or back into the queue (seniors only). */
  @Post('transfer')
  @ApiOperation({ operationId: 'transferSupportChat' })
  @HttpCode(200)
  @RequiresRole('senior_operator')
  @ApiErrors(
    'CHAT_NOT_FOUND',
    'OPERATOR_NOT_FOUND',
    'CHAT_ALREADY_TAKEN',
    'CHAT_NOT_TAKEN',
    'CHAT_CLOSED',
    'CHAT_WITH_ASSISTANT',
    'OPERATOR_AT_CAPACITY',
  )
  async transfer(
    @CurrentActor() actor: Actor,
    @Param('id', chatId) id: string,
    @Body() { operatorId }: TransferChatDto,
  ): Promise<ChatResponse> {
    return toChatResponse(await this.moves.transfer(actor, id, operatorId));
  }

  /** Gives a chat back to the assistant. */
  @Post('return')
  @ApiOperation({ operationId: 'returnSupportChat' })
  @HttpCode(200)
  @ApiErrors('CHAT_NOT_FOUND', 'CHAT_NOT_TAKEN', 'CHAT_CLOSED')
  async return(@CurrentActor() actor: Actor, @Param('id', chatId) id: string): Promise<ChatResponse> {
    return toChatResponse(await this.moves.giveBack(actor, id));
  }

  /** Closes a chat. */
  @Post('close')
  @ApiOperation({ operationId: 'closeSupportChat' })
  @HttpCode(200)
  @ApiErrors('CHAT_NOT_FOUND', 'CHAT_NOT_TAKEN', 'CHAT_CLOSED')
  async close(
    @CurrentActor() actor: Actor,
    @Param('id', chatId) id: string,
    @Body() { resolution }: CloseChatDto,
  ): Promise<ChatResponse> {
    return toChatResponse(await this.moves.close(actor, id, resolution ?? null));
  }

  /** Puts a closed chat into the queue again (seniors only). */
  @Post('reopen')
  @ApiOperation({ operationId: 'reopenSupportChat' })
  @HttpCode(200)
  @RequiresRole('senior_operator')
  @ApiErrors('CHAT_NOT_FOUND', 'CHAT_NOT_CLOSED', 'CUSTOMER_HAS_OPEN_CHAT')
  async reopen(@CurrentActor() actor: Actor, @Param('id', chatId) id: string): Promise<ChatResponse> {
    return toChatResponse(await this.moves.reopen(actor, id));
  }
}
