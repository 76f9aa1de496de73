import { Controller, Get, Header, Param, StreamableFile } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Readable } from 'node:stream';
import type { Actor } from '../common/actor.js';
import { CurrentActor } from '../common/http/access.decorators.js';
import { ApiErrors } from '../common/http/api-errors.decorator.js';
import { IdPipe } from '../common/validation/id.pipe.js';
import { attachment } from './attachment.js';
import { SessionExportResponse } from './dto/session-export.response.dto.js';
import { SessionExportService, type SessionExport } from './session-export.service.js';

const sessionId = new IdPipe('SESSION_NOT_FOUND');

const DOWNLOAD = {
  'Content-Disposition': { description: 'A name for the file.', schema: { type: 'string' } },
} as const;

@ApiTags('sessions')
@Controller('sessions/:id')
export class SessionExportController {
  constructor(private readonly exports: SessionExportService) {}

  /** Downloads a session with all its messages as JSON. */
  @Get('export.json')
  @Header('Cache-Control', 'no-store')
  @Header('X-Content-Type-Options', 'nosniff')
  @ApiOperation({ operationId: 'exportSessionAsJson' })
  @ApiOkResponse({ type: SessionExportResponse, headers: DOWNLOAD })
  @ApiErrors('SESSION_NOT_FOUND')
  async json(@CurrentActor() actor: Actor, @Param('id', sessionId) id: string): Promise<StreamableFile> {
    return download(await this.exports.json(actor, id), 'application/json', 'json');
  }

  /** Downloads a session as Markdown. */
  @Get('export.md')
  @Header('Cache-Control', 'no-store')
  @Header('X-Content-Type-Options', 'nosniff')
  @ApiOperation({ operationId: 'exportSessionAsMarkdown' })
  @ApiOkResponse({
    description:
      'A heading, then one block a message. Lines of a text after its first begin with `>`; HTML, links and images in texts ' +
      'are shown as they were typed, never as what they stand for.',
    content: { 'text/markdown': { schema: { type: 'string' } } },
    headers: DOWNLOAD,
  })
  @ApiErrors('SESSION_NOT_FOUND')
  async markdown(@CurrentActor() actor: Actor, @Param('id', sessionId) id: string): Promise<StreamableFile> {
    return download(await this.exports.markdown(actor, id), 'text/markdown', 'md');
  }
}

function download({ session, pieces }: SessionExport, type: string, extension: string): StreamableFile {
  // One piece is a page of messages: no more than one waits for a slow reader.
  return new StreamableFile(Readable.from(pieces, { highWaterMark: 1 }), {
    type: `${type}; charset=utf-8`,
    disposition: attachment(session.title, extension),
  });
}
