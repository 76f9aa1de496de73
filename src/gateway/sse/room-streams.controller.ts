import { Controller, Get, Head, Headers, Param, Query, Req, Res } from '@nestjs/common';
import {
  ApiBearerAuth,
  ApiExcludeEndpoint,
  ApiHeader,
  ApiOkResponse,
  ApiOperation,
  ApiSecurity,
  ApiTags,
} from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { ActorResolver } from '../../auth/actor-resolver.service.js';
import { AppError } from '../../common/errors/app-error.js';
import { Public } from '../../common/http/access.decorators.js';
import { ApiErrors } from '../../common/http/api-errors.decorator.js';
import { IdPipe } from '../../common/validation/id.pipe.js';
import { RoomStreamQueryDto } from '../dto/stream-query.dto.js';
import { RoomStreams } from './room-streams.service.js';
import { actorOfStream } from './stream-actor.js';
import { ROOM_SSE_EXAMPLE } from './stream-examples.js';
import { givenCursor } from './stream-formats.js';

@ApiTags('streams')
@ApiBearerAuth()
@Controller('sse/chat-rooms/:id/stream')
export class RoomStreamsController {
  constructor(
    private readonly streams: RoomStreams,
    private readonly actors: ActorResolver,
  ) {}

  /** A HEAD would stay open for ever. */
  @Head()
  @ApiExcludeEndpoint()
  refuseHead(): never {
    throw new AppError('METHOD_NOT_ALLOWED');
  }

  /** Server-Sent Events of a chat room, a live tail. `Last-Event-ID` goes on where a stream broke. */
  @Get()
  @Public()
  @ApiOperation({ operationId: 'streamChatRoom' })
  @ApiSecurity('ticket')
  @ApiHeader({
    name: 'Last-Event-ID',
    required: false,
    description: 'The `id` of the last event that was read; browsers send it by themselves.',
  })
  @ApiOkResponse({
    description: 'Events as on a socket that looks at the room, for as long as you are in it and both sides like.',
    content: { 'text/event-stream': { schema: { type: 'string' }, example: ROOM_SSE_EXAMPLE } },
  })
  @ApiErrors(
    'CHAT_ROOM_NOT_FOUND',
    'UNAUTHORIZED',
    'TOKEN_EXPIRED',
    'SIGN_IN_REVOKED',
    'TICKET_INVALID',
    'TOO_MANY_CONNECTIONS',
    'SERVER_BUSY',
    'SERVER_DRAINING',
  )
  async stream(
    @Param('id', new IdPipe('CHAT_ROOM_NOT_FOUND')) roomId: string,
    @Query() query: RoomStreamQueryDto,
    @Headers('last-event-id') lastEventId: string | undefined,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const actor = await actorOfStream(this.actors, query.ticket, request);
    const cursor = givenCursor(lastEventId) ?? givenCursor(query.since);
    return this.streams.tail(actor, roomId, cursor, response);
  }
}
