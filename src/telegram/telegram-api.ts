import { Injectable } from '@nestjs/common';
import { Api } from 'grammy';
import type { MessageEntity } from 'grammy/types';
import { AppConfig } from '../config/app-config.js';
import { TELEGRAM_BUTTONS_PER_ROW, type MessageButton } from './buttons.js';
import type { FormattedText, TextEntity } from './formatted-text.js';

/** Longest wait for the answer to a call, in seconds; Telegram itself answers within a few. */
const CALL_TIMEOUT_S = 30;
export const POLL_TIMEOUT_S = 25;
/** The kinds of updates that we read. */
const ALLOWED_UPDATES = ['message', 'edited_message', 'callback_query', 'my_chat_member'] as const;
const WEBHOOK_CONNECTIONS = 40;

/** The bot's side of the Bot API. The token stays in here: errors and logs never hold an address of a call. */
@Injectable()
export class TelegramApi {
  readonly isConfigured: boolean;
  private readonly api: Api;
  private readonly polls: Api;
  private readonly fileRoot: string;

  constructor(private readonly config: AppConfig) {
    const { TELEGRAM_BOT_TOKEN: token, TELEGRAM_API_ROOT } = config.env;
    this.isConfigured = token !== undefined;
    const apiRoot = TELEGRAM_API_ROOT.replace(/\/+$/, '');
    this.fileRoot = `${apiRoot}/file/bot${token}`;
    const options = { apiRoot, fetch: fetchWithForeignSignal as typeof fetch, baseFetchConfig: {} };
    this.api = new Api(token ?? '0:none', { ...options, timeoutSeconds: CALL_TIMEOUT_S });
    this.polls = new Api(token ?? '0:none', { ...options, timeoutSeconds: POLL_TIMEOUT_S + 10 });
  }

  /** Sends a message and returns its number in the chat. */
  async send(
    chatId: number,
    { text, entities }: FormattedText,
    buttons: readonly MessageButton[],
    signal?: AbortSignal,
  ): Promise<number> {
    const sent = await this.api.sendMessage(
      chatId,
      text,
      { ...shown(entities), ...keyboard(buttons) },
      signal as never,
    );
    return sent.message_id;
  }

  async edit(
    chatId: number,
    messageId: number,
    { text, entities }: FormattedText,
    buttons: readonly MessageButton[] = [],
  ): Promise<void> {
    await this.api.editMessageText(chatId, messageId, text, {
      ...shown(entities),
      ...keyboard(buttons),
    });
  }

  async remove(chatId: number, messageId: number): Promise<void> {
    await this.api.deleteMessage(chatId, messageId);
  }

  /** Shows a text that is being written; it vanishes when a message follows. Private chats only. */
  async draft(chatId: number, draftId: number, { text, entities }: FormattedText): Promise<void> {
    await this.api.sendMessageDraft(chatId, draftId, text, { entities: entities as MessageEntity[] });
  }

  async showTyping(chatId: number): Promise<void> {
    await this.api.sendChatAction(chatId, 'typing');
  }

  /** Ends the waiting of a pressed button, with a short notice. */
  async answerPress(pressId: string, text?: string): Promise<void> {
    await this.api.answerCallbackQuery(pressId, text === undefined ? {} : { text });
  }

  /** Where a file can be fetched. The path is Telegram's secret between it and us. */
  async getFile(fileId: string): Promise<{ path: string | null; size: number | null }> {
    const { file_path: path, file_size: size } = await this.api.getFile(fileId);
    return { path: path ?? null, size: size ?? null };
  }

  /** Fetches a file; errors say nothing of the address. */
  async download(path: string, signal: AbortSignal): Promise<Response> {
    const address = `${this.fileRoot}/${path.split('/').map(encodeURIComponent).join('/')}`;
    try {
      return await fetch(address, { signal, redirect: 'error' });
    } catch {
      throw new Error('The file cannot be fetched from Telegram');
    }
  }

  async setWebhook(url: string, secret: string): Promise<void> {
    await this.api.setWebhook(url, {
      secret_token: secret,
      allowed_updates: [...ALLOWED_UPDATES],
      max_connections: WEBHOOK_CONNECTIONS,
    });
  }

  async deleteWebhook(): Promise<void> {
    await this.api.deleteWebhook();
  }

  async getUpdates(offset: number, signal: AbortSignal): Promise<unknown[]> {
    return this.polls.getUpdates(
      { offset, timeout: POLL_TIMEOUT_S, allowed_updates: [...ALLOWED_UPDATES] },
      signal as never,
    );
  }

  async setCommands(commands: { command: string; description: string }[], languageCode?: 'ru'): Promise<void> {
    await this.api.setMyCommands(commands, languageCode ? { language_code: languageCode } : {});
  }
}

/** A preview would make Telegram fetch whatever address a model was talked into writing. */
function shown(entities: readonly TextEntity[]) {
  return { entities: entities as MessageEntity[], link_preview_options: { is_disabled: true } };
}

/** grammY brings an abort signal of its own make, which Node's `fetch` does not take. */
async function fetchWithForeignSignal(address: string | URL, init: RequestInit = {}): Promise<Response> {
  const { signal, ...rest } = init;
  const abort = new AbortController();
  if (signal?.aborted) abort.abort();
  signal?.addEventListener('abort', () => abort.abort());
  return fetch(address, { ...rest, signal: abort.signal });
}

function keyboard(buttons: readonly MessageButton[]): object {
  if (buttons.length === 0) return {};
  const rows: { text: string; callback_data: string }[][] = [];
  buttons.forEach(({ text, data }, place) => {
    if (place % TELEGRAM_BUTTONS_PER_ROW === 0) rows.push([]);
    rows.at(-1)?.push({ text, callback_data: data });
  });
  return { reply_markup: { inline_keyboard: rows } };
}
