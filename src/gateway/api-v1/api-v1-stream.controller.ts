import { Controller, Get, Head, Headers, Param, Query, Res } from '@nestjs/common';
import { ApiExcludeEndpoint, ApiHeader, ApiOkResponse } from '@nestjs/swagger';
import type { Response } from 'express';
import type { Actor } from '../../common/actor.js';
import { AppError } from '../../common/errors/app-error.js';
import { CurrentActor } from '../../common/http/access.decorators.js';
import { ApiErrors } from '../../common/http/api-errors.decorator.js';
import { SessionStreams } from '../sse/session-streams.service.js';
import { parseCursor } from '../sse/stream-formats.js';
import { answerFrames } from './answer-frames.js';
import { ApiV1 } from './api-v1.decorator.js';
import { ChatIdPipe } from './chat-id.pipe.js';
import { ApiV1StreamQueryDto } from './dto/stream-query.dto.js';

@ApiV1()
@Controller('api/v1/stream')
export class ApiV1StreamController {
  constructor(private readonly streams: SessionStreams) {}

  /** Express would answer HEAD by asking the question. */
  @Head('chat/:session_id')
  @ApiExcludeEndpoint()
  refuseHead(): never {
    throw new AppError('METHOD_NOT_ALLOWED');
  }

  /** Ask and read the answer piece by piece. `complete` comes once the answer is stored; whoever goes away does not stop it. */
  @Get('chat/:session_id')
  @ApiHeader({ name: 'Last-Event-ID', required: false, description: 'With `request_id`: the same as `since`.' })
  @ApiOkResponse({
    description: 'Frames until the answer has ended. Refusals come before the first one, as JSON.',
    content: {
      'text/event-stream': {
        schema: { type: 'string' },
        example:
          'event:message\ndata:{"content":"Hello","type":"token"}\n\n' +
          'event:message\ndata:{"content":"Hello","tokens":1,"type":"complete"}\n\n',
      },
    },
  })
  @ApiErrors(
    'SESSION_NOT_FOUND',
    'IDEMPOTENCY_KEY_REUSED',
    'RATE_LIMITED',
    'TOKEN_QUOTA_EXCEEDED',
    'TOO_MANY_CONNECTIONS',
    'SERVER_BUSY',
    'SERVER_DRAINING',
  )
  async ask(
    @CurrentActor() actor: Actor,
    @Param('session_id', new ChatIdPipe()) sessionId: string,
    @Query() { message, request_id: requestId, since }: ApiV1StreamQueryDto,
    @Headers('last-event-id') lastEventId: string | undefined,
    @Res() response: Response,
  ): Promise<void> {
    const format = answerFrames({ withIds: requestId !== undefined });
    const from = requestId === undefined ? 0 : (parseCursor(lastEventId ?? since)?.since ?? 0);
    await this.streams.askText(actor, { sessionId, prompt: message, requestId }, response, format, from);
  }
}
