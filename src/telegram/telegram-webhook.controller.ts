import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { SkipThrottle } from '@nestjs/throttler';
import { Public } from '../common/http/access.decorators.js';
import { InboxService } from './inbox.service.js';

/** Where Telegram hands in updates; the secret was checked before the body was read (see webhook-front.ts). */
@ApiExcludeController()
@Controller()
export class TelegramWebhookController {
  constructor(private readonly inbox: InboxService) {}

  @Public()
  @SkipThrottle()
  @HttpCode(200)
  @Post(['telegram/webhook', 'webhook/telegram'])
  async receive(@Body() update: unknown): Promise<{ ok: true }> {
    await this.inbox.accept(update);
    return { ok: true };
  }
}
