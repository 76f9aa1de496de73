import { Logger } from '@nestjs/common';
import type OpenAI from 'openai';
import type { ChatCompletionCreateParamsStreaming } from 'openai/resources/chat/completions';
import type { AppConfig } from '../../config/app-config.js';
import type { AiProvider, ModelRequest, ModelResult, ModelRun } from './ai-provider.js';
import { ChatCompletionReader } from './chat-completion-reader.js';
import { isObject, parseJson } from './json-value.js';
import { isSafeModelId, KNOWN_OPENAI_MODELS } from './known-models.js';
import { MAX_LINE_LENGTH } from './line-splitter.js';
import { failureOfConnection, failureOfStatus, unreadable } from './provider-failure.js';
import { readBody, readErrorText } from './response-body.js';
import { SseReader } from './sse-reader.js';

const OPENAI_BASE_URL = 'https://api.openai.com/v1';
/** Compatible servers without a key ignore it, but the SDK demands one. */
const NO_KEY = 'none';
/** Model ids may come from people, so what is learned about them is bounded. */
const MAX_DIALECTS = 500;

/** What a model's server was found to take; servers differ in these. */
interface Dialect {
  readonly asksUsage: boolean;
  readonly takesTools: boolean;
  /** Names of the limit of tokens that it may know, the one to use first. */
  readonly limitKeys: readonly ('max_completion_tokens' | 'max_tokens')[];
}

/** OpenAI, or any server that speaks its Chat Completions (Ollama, vLLM, LM Studio, llama.cpp …) at OPENAI_BASE_URL. */
export class OpenAiProvider implements AiProvider {
  readonly name = 'openai';
  private readonly logger = new Logger(OpenAiProvider.name);
  private readonly models: readonly string[];
  private readonly dialects = new Map<string, Dialect>();
  private client: Promise<OpenAI> | null = null;

  constructor(private readonly config: AppConfig) {
    const { OPENAI_MODEL, OPENAI_MODELS } = config.env;
    const known = this.isCompatibleServer ? [] : KNOWN_OPENAI_MODELS.keys();
    this.models = [...new Set([OPENAI_MODEL, ...OPENAI_MODELS, ...known])];
  }

  listModels(): readonly string[] {
    return this.models;
  }

  accepts(model: string): boolean {
    return this.models.includes(model) || (this.isCompatibleServer && isSafeModelId(model));
  }

  async answer(request: ModelRequest, run: ModelRun): Promise<ModelResult> {
    run.signal.throwIfAborted();
    const response = await this.request(request, run.signal);
    const reader = new ChatCompletionReader(this.name, run);
    const type = response.headers.get('content-type') ?? '';
    if (/\bjson\b/i.test(type)) await this.readWhole(response, run.signal, reader);
    else if (/^text\/html/i.test(type)) throw await this.refusePage(response);
    else await this.readStream(response, run.signal, reader);
    return reader.result();
  }

  private async readStream(response: Response, signal: AbortSignal, reader: ChatCompletionReader): Promise<void> {
    const events = new SseReader((event) => reader.readEvent(event));
    await readBody(this.name, response, signal, (bytes) => {
      events.push(bytes);
      return reader.isDone;
    });
    events.end();
  }

  /** Some servers know no streaming and answer with one completion. */
  private async readWhole(response: Response, signal: AbortSignal, reader: ChatCompletionReader): Promise<void> {
    const decoder = new TextDecoder('utf-8');
    let body = '';
    await readBody(this.name, response, signal, (bytes) => {
      body += decoder.decode(bytes, { stream: true });
      if (body.length > MAX_LINE_LENGTH) throw unreadable(this.name, 'an endless body');
      return false;
    });
    reader.readCompletion(body + decoder.decode());
  }

  private async refusePage(response: Response): Promise<Error> {
    await response.body?.cancel();
    return unreadable(this.name, 'a web page instead of an answer');
  }

  /** Sends the request, again without what the server refuses to know. */
  private async request(request: ModelRequest, signal: AbortSignal): Promise<Response> {
    const client = await this.sdk();
    let dialect = this.dialects.get(request.model) ?? this.firstDialect();
    for (;;) {
      try {
        return await client.chat.completions.create(toParams(request, dialect), { signal }).asResponse();
      } catch (error) {
        signal.throwIfAborted();
        if (!isStatusError(error)) throw failureOfConnection(this.name, error, 'connect');
        const adapted = error.status === 400 || error.status === 422 ? adapt(dialect, error.error) : null;
        if (adapted) {
          dialect = adapted;
          this.learn(request.model, dialect);
          continue;
        }
        throw failureOfStatus(this.name, error.status, error.headers, error.error);
      }
    }
  }

  // OpenAI's newer models refuse `max_tokens`, older compatible servers ignore its successor.
  private firstDialect(): Dialect {
    const limitKeys = ['max_completion_tokens', 'max_tokens'] as const;
    return {
      asksUsage: true,
      takesTools: true,
      limitKeys: this.isCompatibleServer ? limitKeys.toReversed() : limitKeys,
    };
  }

  private learn(model: string, dialect: Dialect): void {
    this.logger.log({ msg: 'The model server wants other parameters', model, ...dialect });
    if (this.dialects.size >= MAX_DIALECTS) this.dialects.clear();
    this.dialects.set(model, dialect);
  }

  private get isCompatibleServer(): boolean {
    const { OPENAI_BASE_URL: baseUrl } = this.config.env;
    return baseUrl !== undefined && new URL(baseUrl).hostname !== 'api.openai.com';
  }

  // Loading the SDK takes 55 ms, which a server that uses another provider should not pay.
  private sdk(): Promise<OpenAI> {
    this.client ??= import('openai').then(
      ({ default: Client }) =>
        new Client({
          apiKey: this.config.env.OPENAI_API_KEY ?? NO_KEY,
          baseURL: this.config.env.OPENAI_BASE_URL ?? OPENAI_BASE_URL,
          maxRetries: 0,
          // Our own timers are shorter and also cover the body.
          timeout: this.config.env.AI_TOTAL_TIMEOUT_MS + 60_000,
          logLevel: 'off',
          fetch: fetchWithShortErrors,
        }),
    );
    return this.client;
  }
}

function toParams(request: ModelRequest, dialect: Dialect): ChatCompletionCreateParamsStreaming {
  return {
    model: request.model,
    messages: request.turns.map(({ role, content }) => ({ role, content })),
    stream: true,
    ...(dialect.asksUsage ? { stream_options: { include_usage: true } } : {}),
    ...(dialect.limitKeys[0] ? { [dialect.limitKeys[0]]: request.maxOutputTokens } : {}),
    ...(dialect.takesTools && request.tools?.length
      ? { tools: request.tools.map((tool) => ({ type: 'function' as const, function: { ...tool } })) }
      : {}),
  };
}

/** The dialect without what the refusal complains about; null when it is about something else. */
function adapt(dialect: Dialect, refusal: unknown): Dialect | null {
  const said = JSON.stringify(refusal) ?? '';
  if (dialect.asksUsage && /stream_options|include_usage/.test(said)) return { ...dialect, asksUsage: false };
  if (dialect.takesTools && /\btools?\b|function call/i.test(said)) return { ...dialect, takesTools: false };
  const isAboutSize = /too large|at most|maximum|exceed/i.test(said);
  if (dialect.limitKeys.length === 0 || isAboutSize || !/max_(completion_)?tokens/.test(said)) return null;
  return { ...dialect, limitKeys: dialect.limitKeys.slice(1) };
}

interface StatusError {
  status: number;
  headers: Headers;
  error: unknown;
}

/** By its looks: the SDK's classes are only there once it is loaded. */
function isStatusError(error: unknown): error is StatusError {
  return isObject(error) && typeof error['status'] === 'number' && isObject(error['headers']);
}

/** The SDK reads the body of a refusal to its end, however long that is, and forgets bodies without an `error`. */
async function fetchWithShortErrors(url: string | URL | Request, init?: RequestInit): Promise<Response> {
  const response = await fetch(url, init);
  if (response.ok) return response;
  const text = await readErrorText(response);
  const parsed = parseJson(text);
  const body =
    isObject(parsed) && 'error' in parsed ? parsed : { error: isObject(parsed) ? parsed : { message: text } };
  const { status, headers } = response;
  return new Response(JSON.stringify(body), { status, headers: withoutBodyHeaders(headers) });
}

function withoutBodyHeaders(from: Headers): Headers {
  const headers = new Headers(from);
  ['content-length', 'content-encoding', 'transfer-encoding'].forEach((name) => headers.delete(name));
  return headers;
}
