import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { AppConfig } from '../config/app-config.js';
import { growingPause, pause } from './pauses.js';
import { classifyFailure } from './telegram-failure.js';
import { TelegramApi } from './telegram-api.js';
import { textsFor, type BotTexts } from './texts.js';
import { WEBHOOK_PATHS } from './webhook-front.js';

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;

/** Tells Telegram at the start where updates go and what the bot's menu offers; the start does not wait for it. */
@Injectable()
export class WebhookRegistration implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger('TelegramWebhook');
  private readonly stopping = new AbortController();

  constructor(
    private readonly config: AppConfig,
    private readonly api: TelegramApi,
  ) {}

  onApplicationBootstrap(): void {
    if (!this.api.isConfigured) return;
    const { TELEGRAM_WEBHOOK_URL: url, TELEGRAM_WEBHOOK_SECRET: secret } = this.config.env;
    if (url !== undefined && secret !== undefined)
      void this.untilDone('The webhook', () => this.api.setWebhook(webhookAddress(url), secret));
    void this.untilDone('The menu of commands', async () => {
      await this.api.setCommands(menuOf(textsFor('en')));
      await this.api.setCommands(menuOf(textsFor('ru')), 'ru');
    });
  }

  onModuleDestroy(): void {
    this.stopping.abort();
  }

  private async untilDone(what: string, work: () => Promise<void>): Promise<void> {
    const { signal } = this.stopping;
    for (let tries = 0; !signal.aborted; tries++) {
      try {
        await work();
        this.logger.log({ msg: `${what} is registered with Telegram` });
        return;
      } catch (error) {
        const failure = classifyFailure(error);
        this.logger.warn({ msg: `${what} is not registered with Telegram yet`, reason: failure.reason });
        // An address that Telegram refuses is refused again.
        if (failure.kind === 'refused' || failure.kind === 'no-method') return;
        const asked = failure.kind === 'again' ? failure.retryAfterMs : null;
        await pause(asked ?? growingPause(tries, FIRST_PAUSE_MS, LONGEST_PAUSE_MS), signal);
      }
    }
  }
}

/** An address without a path is that of the server. */
function webhookAddress(url: string): string {
  return new URL(url).pathname === '/' ? new URL(WEBHOOK_PATHS[0] ?? '/', url).href : url;
}

function menuOf({ commands }: BotTexts): { command: string; description: string }[] {
  return Object.entries(commands).map(([command, description]) => ({ command, description }));
}
