import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { BotChats, type ApiFailure, type ApiResult, type Payload, type SentMessage } from './bot-api-chats.js';
import { UpdateFeed, type Update } from './bot-api-feed.js';

/** What happens to one call of a method, before the rules of Telegram are asked. */
export type Reaction =
  | ApiFailure
  /** The connection is reset: `before` Telegram did anything, or `after` it did and before it said so. */
  | { drop: 'before' | 'after' }
  /** The answer comes later. */
  | { delayMs: number }
  /** Nothing is done and nothing comes. */
  | { hang: true };

export interface Call {
  readonly method: string;
  readonly payload: Payload;
  /** `performance.now()` of its arrival and of its answer. */
  readonly at: number;
  answeredAt: number | null;
  /** HTTP status of the answer; null while there is none, 0 when the connection was dropped. */
  status: number | null;
  error: string | null;
}

export interface BotApiOptions {
  token?: string;
  /** Telegram's own waits (between deliveries, in long polls) are this much shorter. */
  timeScale?: number;
}

export const BOT_TOKEN = '4242424242:local-bot-api-token_aaaaaaaaaaaaaaa';
const MAX_FILE_BYTES = 20 * 1024 * 1024;

/** A Bot API server on loopback that keeps Telegram's own rules, breaks them when it is told to, and remembers everything. */
export class BotApi {
  readonly token: string;
  /** Every call of the bot, oldest first. */
  readonly calls: Call[] = [];
  readonly chats = new BotChats();
  readonly feed: UpdateFeed;
  /** Asked first for every call. */
  react: (call: Call) => Reaction | undefined | Promise<Reaction | undefined> = () => undefined;
  /** Methods that this server does not know, as an older one. */
  readonly unknownMethods = new Set<string>();
  readonly files = new Map<string, { bytes: Uint8Array; path: string }>();

  private constructor(
    private readonly server: Server,
    options: BotApiOptions,
  ) {
    this.token = options.token ?? BOT_TOKEN;
    this.feed = new UpdateFeed(options.timeScale ?? 50);
    server.on('request', (request, response) => void this.serve(request, response));
  }

  static async start(options: BotApiOptions = {}): Promise<BotApi> {
    const server = createServer({ keepAliveTimeout: 60_000 });
    const api = new BotApi(server, options);
    await api.listen(0);
    return api;
  }

  /** For TELEGRAM_API_ROOT. */
  get root(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  private port = 0;

  /** Goes away: connections are refused until `comeBack`. */
  async goAway(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  comeBack(): Promise<void> {
    return this.listen(this.port);
  }

  async stop(): Promise<void> {
    this.feed.stop();
    await this.goAway();
  }

  callsOf(method: string): Call[] {
    return this.calls.filter((call) => call.method === method);
  }

  /** What the people in a chat see of the bot, in order. */
  seenIn(chatId: number): SentMessage[] {
    return this.chats.of(chatId).messages;
  }

  /** Keeps a file that messages can name; returns its `file_id`. */
  addFile(bytes: Uint8Array, path = `documents/file_${this.files.size}.bin`): string {
    const id = `file-id-${this.files.size}`;
    this.files.set(id, { bytes, path });
    return id;
  }

  private async listen(port: number): Promise<void> {
    this.server.listen(port, '127.0.0.1');
    await once(this.server, 'listening');
    this.port = (this.server.address() as AddressInfo).port;
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const url = new URL(request.url ?? '/', this.root);
    const file = `/file/bot${this.token}/`;
    if (url.pathname.startsWith(file)) return this.serveFile(url.pathname.slice(file.length), response);
    const [, token, method] = /^\/bot([^/]+)\/(\w+)$/.exec(url.pathname) ?? [];
    if (token !== this.token || !method) return answer(response, failure(404, 'Not Found'));
    const text = Buffer.concat(chunks).toString();
    const body = (text === '' ? {} : JSON.parse(text)) as Payload;
    const payload: Payload = { ...Object.fromEntries(url.searchParams), ...body };
    const call: Call = { method, payload, at: performance.now(), answeredAt: null, status: null, error: null };
    this.calls.push(call);
    await this.answerCall(call, request, response);
  }

  private async answerCall(call: Call, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const reaction = await this.react(call);
    if (reaction && 'hang' in reaction) return;
    if (reaction && 'delayMs' in reaction) await sleep(reaction.delayMs);
    if (reaction && 'drop' in reaction && reaction.drop === 'before') return this.drop(call, request);
    const result = reaction && 'error_code' in reaction ? reaction : await this.perform(call, response);
    if (reaction && 'drop' in reaction) return this.drop(call, request);
    call.answeredAt = performance.now();
    call.status = result.ok ? 200 : result.error_code;
    call.error = result.ok ? null : result.description;
    answer(response, result);
  }

  private drop(call: Call, request: IncomingMessage): void {
    call.status = 0;
    request.socket.resetAndDestroy();
  }

  private async perform({ method, payload }: Call, response: ServerResponse): Promise<ApiResult> {
    if (this.unknownMethods.has(method)) return failure(404, 'Not Found');
    switch (method) {
      case 'getMe':
        return ok({
          id: 4242424242,
          is_bot: true,
          first_name: 'Parley',
          username: 'parley_bot',
          can_join_groups: true,
        });
      case 'setMyCommands':
      case 'deleteMyCommands':
        return ok(true);
      case 'setWebhook':
        return this.feed.setWebhook(payload);
      case 'deleteWebhook':
        return this.feed.deleteWebhook(payload);
      case 'getWebhookInfo':
        return ok(this.feed.webhookInfo());
      case 'getUpdates': {
        const gone = new AbortController();
        response.once('close', () => gone.abort());
        return this.feed.poll(payload, gone.signal);
      }
      case 'getFile':
        return this.getFile(String(payload['file_id']));
      default:
        return this.chats.perform(method, payload);
    }
  }

  private getFile(id: string): ApiResult {
    const file = this.files.get(id);
    if (!file) return failure(400, 'Bad Request: wrong file_id or the file is temporarily unavailable');
    if (file.bytes.length > MAX_FILE_BYTES) return failure(400, 'Bad Request: file is too big');
    return ok({ file_id: id, file_unique_id: `u${id}`, file_size: file.bytes.length, file_path: file.path });
  }

  private serveFile(path: string, response: ServerResponse): void {
    const file = [...this.files.values()].find((it) => it.path === decodeURIComponent(path));
    if (!file) return answer(response, failure(404, 'Not Found'));
    response.writeHead(200, { 'Content-Type': 'application/octet-stream', 'Content-Length': file.bytes.length });
    response.end(file.bytes);
  }
}

export function ok(result: unknown): ApiResult {
  return { ok: true, result };
}

export function failure(error_code: number, description: string, parameters?: ApiFailure['parameters']): ApiFailure {
  return { ok: false, error_code, description, ...(parameters ? { parameters } : {}) };
}

export const tooManyRequests = (retryAfter: number): ApiFailure =>
  failure(429, `Too Many Requests: retry after ${retryAfter}`, { retry_after: retryAfter });

function answer(response: ServerResponse, result: ApiResult): void {
  const body = JSON.stringify(result);
  response.writeHead(result.ok ? 200 : result.error_code, { 'Content-Type': 'application/json' }).end(body);
}

export type { Update };
