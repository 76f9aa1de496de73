import { Controller, Get, Header, Param, StreamableFile } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { Actor } from '../common/actor.js';
import { CurrentActor, RequiresRole } from '../common/http/access.decorators.js';
import { ApiErrors } from '../common/http/api-errors.decorator.js';
import { IdPipe } from '../common/validation/id.pipe.js';
import { ChatFiles } from './chat-files.service.js';
import { contentDisposition } from './content-disposition.js';

const chatId = new IdPipe('CHAT_NOT_FOUND');
const messageId = new IdPipe('FILE_NOT_FOUND');

@ApiTags('support chats')
@ApiBearerAuth()
@RequiresRole('operator')
@Controller('api/chats/:id/files')
export class ChatFilesController {
  constructor(private readonly files: ChatFiles) {}

  /** The file that came with a message of a customer: a photo, a voice message, a document. 20 MB at most. */
  @Get(':messageId')
  @Header('Cache-Control', 'private, no-store')
  @Header('Content-Security-Policy', "default-src 'none'; sandbox")
  @ApiProduces('application/octet-stream')
  @ApiOkResponse({ schema: { type: 'string', format: 'binary' } })
  @ApiErrors('CHAT_NOT_FOUND', 'FILE_NOT_FOUND', 'PAYLOAD_TOO_LARGE', 'TELEGRAM_UNAVAILABLE')
  async download(
    @CurrentActor() actor: Actor,
    @Param('id', chatId) id: string,
    @Param('messageId', messageId) message: string,
  ): Promise<StreamableFile> {
    const { stream, type, size, name, isShown } = await this.files.open(actor, id, message);
    return new StreamableFile(stream, {
      type,
      disposition: contentDisposition(name, isShown ? 'inline' : 'attachment'),
      ...(size === null ? {} : { length: size }),
    });
  }
}
