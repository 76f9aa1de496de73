import { Controller, HttpCode, Post, Req } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { SkipThrottle } from '@nestjs/throttler';
import type { Request } from 'express';
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
  async receive(@Req() request: Request): Promise<{ ok: true }> {
    // No class describes updates: the reader takes what it knows and leaves the rest.
    await this.inbox.accept(request.body);
    return { ok: true };
  }
}
