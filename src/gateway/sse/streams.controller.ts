import { Body, Controller, Get, Head, Headers, HttpCode, Param, Post, Query, Req, Res } from '@nestjs/common';
import {
  ApiBearerAuth,
  ApiExcludeEndpoint,
  ApiHeader,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiSecurity,
  ApiTags,
} from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { ActorResolver } from '../../auth/actor-resolver.service.js';
import type { Actor } from '../../common/actor.js';
import { AppError } from '../../common/errors/app-error.js';
import { CurrentActor, Public } from '../../common/http/access.decorators.js';
import { ApiErrors } from '../../common/http/api-errors.decorator.js';
import { IdPipe } from '../../common/validation/id.pipe.js';
import { StreamMessageDto } from '../../messages/dto/send-message.dto.js';
import { SessionStreamQueryDto, TicketResponse } from '../dto/stream-query.dto.js';
import { SessionStreams } from './session-streams.service.js';
import { actorOfStream } from './stream-actor.js';
import { NDJSON_EXAMPLE, SSE_EXAMPLE } from './stream-examples.js';
import { NDJSON_FORMAT, givenCursor } from './stream-formats.js';

@ApiTags('streams')
@ApiBearerAuth()
@Controller()
export class StreamsController {
  constructor(
    private readonly streams: SessionStreams,
    private readonly actors: ActorResolver,
  ) {}

  /** A single-use ticket of 30 s that stands for your access token where no header can be sent. */
  @Post('sse/ticket')
  @ApiOperation({ operationId: 'createStreamTicket' })
  ticket(@CurrentActor() actor: Actor): Promise<TicketResponse> {
    return this.actors.issueTicket(actor);
  }

  /** Express would answer HEAD by asking the question. */
  @Head('sse/sessions/:id/stream')
  @ApiExcludeEndpoint()
  refuseHead(): never {
    throw new AppError('METHOD_NOT_ALLOWED');
  }

  /** Server-Sent Events of a session: with `prompt` one answer, without it a live tail. `Last-Event-ID` goes on where a stream broke. */
  @Get('sse/sessions/:id/stream')
  @Public()
  @ApiOperation({ operationId: 'streamSession' })
  @ApiSecurity('ticket')
  @ApiHeader({
    name: 'Last-Event-ID',
    required: false,
    description: 'The `id` of the last event that was read; browsers send it by themselves.',
  })
  @ApiOkResponse({
    description:
      'Events as on the socket, until the answer is done or, without `prompt`, for as long as both sides like.',
    content: { 'text/event-stream': { schema: { type: 'string' }, example: SSE_EXAMPLE } },
  })
  @ApiNoContentResponse({ description: 'Nothing is left of what `Last-Event-ID` asks for: do not come again.' })
  @ApiErrors(
    'SESSION_NOT_FOUND',
    'UNAUTHORIZED',
    'TOKEN_EXPIRED',
    'SIGN_IN_REVOKED',
    'TICKET_INVALID',
    'IDEMPOTENCY_KEY_REUSED',
    'RATE_LIMITED',
    'TOKEN_QUOTA_EXCEEDED',
    'TOO_MANY_CONNECTIONS',
    'SERVER_BUSY',
    'SERVER_DRAINING',
  )
  async stream(
    @Param('id', new IdPipe('SESSION_NOT_FOUND')) sessionId: string,
    @Query() query: SessionStreamQueryDto,
    @Headers('last-event-id') lastEventId: string | undefined,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const actor = await actorOfStream(this.actors, query.ticket, request);
    const resumed = givenCursor(lastEventId);
    const cursor = resumed ?? givenCursor(query.since);
    if (query.prompt === undefined) return this.streams.tail(actor, sessionId, cursor, response);
    if (resumed) return this.streams.resume(actor, sessionId, resumed, response);
    return this.streams.ask(actor, { sessionId, prompt: query.prompt, requestId: query.requestId }, response);
  }

  /** Ask and read the answer as lines of JSON: `{"delta"}` …, then `{"done":true,"messageId"}`. */
  @Post('messages/stream')
  @HttpCode(200)
  @ApiOperation({ operationId: 'streamAnswer' })
  @ApiOkResponse({
    description: 'One JSON object a line; the last one has `done` or `error`.',
    content: { 'application/x-ndjson': { schema: { type: 'string' }, example: NDJSON_EXAMPLE } },
  })
  @ApiErrors('SESSION_NOT_FOUND', 'RATE_LIMITED', 'TOKEN_QUOTA_EXCEEDED', 'TOO_MANY_CONNECTIONS')
  async ndjson(
    @CurrentActor() actor: Actor,
    @Body() body: StreamMessageDto,
    @Res() response: Response,
    @Headers('idempotency-key') requestId?: string,
  ): Promise<void> {
    await this.streams.askText(
      actor,
      { sessionId: body.sessionId.toLowerCase(), prompt: body.prompt, requestId: checkedKey(requestId) },
      response,
      NDJSON_FORMAT,
    );
  }
}

function checkedKey(key: string | undefined): string | undefined {
  if (key !== undefined && !/^[\x20-\x7e]{1,255}$/.test(key)) throw new AppError('INVALID_IDEMPOTENCY_KEY');
  return key;
}
