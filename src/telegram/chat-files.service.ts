import { Readable, Transform } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { Injectable, Logger } from '@nestjs/common';
import type { Actor } from '../common/actor.js';
import { AppError } from '../common/errors/app-error.js';
import { isUuid } from '../common/ids.js';
import { ChannelMessages } from '../messages/channel-messages.service.js';
import { SupportChatsService } from '../operators/support-chats.service.js';
import type { Attachment } from './incoming-update.js';
import { asRecord } from './json-fields.js';
import { TelegramApi } from './telegram-api.js';
import { classifyFailure } from './telegram-failure.js';

/** What the Bot API hands out at most. */
const MAX_FILE_BYTES = 20 * 1024 * 1024;
const DOWNLOAD_MS = 60_000;
/** Types that a browser may show as what they are; anything else is only ever saved. */
const SHOWN_TYPES = new Set([
  'image/jpeg',
  'image/png',
  'image/webp',
  'image/gif',
  'audio/ogg',
  'audio/mpeg',
  'audio/mp4',
  'video/mp4',
  'video/webm',
]);
const USUAL_TYPES: Partial<Record<Attachment['type'], string>> = {
  photo: 'image/jpeg',
  voice: 'audio/ogg',
  video_note: 'video/mp4',
  animation: 'video/mp4',
};

export interface ChatFile {
  stream: Readable;
  type: string;
  /** null: as Telegram did not say. */
  size: number | null;
  name: string;
  isShown: boolean;
}

/** Files that customers sent by Telegram, fetched for operators when they ask: the bot's token stays on the server. */
@Injectable()
export class ChatFiles {
  private readonly logger = new Logger('TelegramFiles');

  constructor(
    private readonly chats: SupportChatsService,
    private readonly messages: ChannelMessages,
    private readonly api: TelegramApi,
  ) {}

  /** @throws AppError CHAT_NOT_FOUND | FILE_NOT_FOUND | PAYLOAD_TOO_LARGE | TELEGRAM_UNAVAILABLE */
  async open(actor: Actor, chatId: string, messageId: string): Promise<ChatFile> {
    await this.chats.assertCanSee(actor, chatId);
    const message = isUuid(messageId) ? await this.messages.find(messageId) : null;
    const attachment = message?.conversationId === chatId.toLowerCase() ? attachmentOf(message.metadata) : null;
    if (!attachment?.fileId || !this.api.isConfigured || message?.deletedAt) throw new AppError('FILE_NOT_FOUND');
    if ((attachment.size ?? 0) > MAX_FILE_BYTES) throw new AppError('PAYLOAD_TOO_LARGE');
    const { stream, size } = await this.fetch(attachment.fileId);
    const type = attachment.mimeType ?? USUAL_TYPES[attachment.type] ?? '';
    const isShown = SHOWN_TYPES.has(type);
    return {
      stream,
      type: isShown ? type : 'application/octet-stream',
      size,
      name: attachment.fileName ?? attachment.type,
      isShown,
    };
  }

  private async fetch(fileId: string): Promise<{ stream: Readable; size: number | null }> {
    try {
      const { path, size } = await this.api.getFile(fileId);
      if (path === null) throw new AppError('FILE_NOT_FOUND');
      if ((size ?? 0) > MAX_FILE_BYTES) throw new AppError('PAYLOAD_TOO_LARGE');
      const response = await this.api.download(path, AbortSignal.timeout(DOWNLOAD_MS));
      if (response.status === 404) throw new AppError('FILE_NOT_FOUND');
      if (!response.ok || !response.body) throw new AppError('TELEGRAM_UNAVAILABLE');
      const body = Readable.fromWeb(response.body as ReadableStream<Uint8Array>);
      const length = Number(response.headers.get('Content-Length') ?? NaN);
      return {
        stream: body.compose(noMoreThan(MAX_FILE_BYTES)) as Readable,
        size: Number.isSafeInteger(length) ? length : null,
      };
    } catch (error) {
      if (error instanceof AppError) throw error;
      const { kind, reason } = classifyFailure(error);
      this.logger.warn({ msg: 'A file cannot be fetched from Telegram', reason });
      throw new AppError(kind === 'refused' ? 'FILE_NOT_FOUND' : 'TELEGRAM_UNAVAILABLE');
    }
  }
}

function attachmentOf(metadata: Readonly<Record<string, unknown>> | null | undefined): Attachment | null {
  return asRecord(metadata?.['attachment']) as Attachment | null;
}

/** Whatever was announced: more than this does not pass. */
function noMoreThan(limit: number): Transform {
  let passed = 0;
  return new Transform({
    transform(chunk: Uint8Array, _encoding, done) {
      passed += chunk.length;
      if (passed > limit) done(new Error('The file is larger than it may be'));
      else done(null, chunk);
    },
  });
}
