import { TestApp } from './app.js';
import { BOT_TOKEN, BotApi, type BotApiOptions } from './bot-api.js';
import type { TestDatabase } from './database.js';

export const WEBHOOK_SECRET = 'a-secret-of-the-webhook_0123456789';

/** The environment of a server whose bot lives at `api`. */
export function telegramEnvironment(api: BotApi): Record<string, string> {
  return {
    TELEGRAM_BOT_TOKEN: BOT_TOKEN,
    TELEGRAM_API_ROOT: api.root,
    TELEGRAM_WEBHOOK_SECRET: WEBHOOK_SECRET,
  };
}

/** The application with a local Bot API that delivers to its webhook. */
export class TelegramWorld {
  private constructor(
    readonly api: BotApi,
    readonly app: TestApp,
  ) {}

  static async start(
    overrides: Readonly<Record<string, string | undefined>> = {},
    options: BotApiOptions & { database?: TestDatabase } = {},
  ): Promise<TelegramWorld> {
    const api = await BotApi.start(options);
    const app = await TestApp.start({ ...telegramEnvironment(api), ...overrides }, options.database);
    const world = new TelegramWorld(api, app);
    world.deliverTo(app.url);
    return world;
  }

  /** What `setWebhook` would do if the port were known before the start. */
  deliverTo(url: string): void {
    this.api.feed.setWebhook({ url: `${url}/telegram/webhook`, secret_token: WEBHOOK_SECRET });
  }

  async close(): Promise<void> {
    await this.app.close();
    await this.api.stop();
  }
}
