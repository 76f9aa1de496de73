import type { AiProvider, ModelRequest, ModelResult, ModelRun } from './ai-provider.js';
import { parseJson } from './json-value.js';
import { isSafeModelId } from './known-models.js';
import { NdjsonReader } from './ndjson-reader.js';
import { failureOfConnection, failureOfStatus } from './provider-failure.js';
import { readBody, readErrorText } from './response-body.js';

/** Stands for "whatever the service answers with"; it is not sent. */
const DEFAULT_MODEL = 'default';
const DEFAULT_PATH = '/chat/stream';

/** A model service that answers a POST with newline-delimited JSON (docs/decisions/0007-llm-service-protocol.md). */
export class LlmServiceProvider implements AiProvider {
  readonly name = 'llm-service';
  private readonly url: string;

  /** `address` as configured; without a path of its own it gets `/chat/stream`. */
  constructor(address: string) {
    const url = new URL(address);
    if (url.pathname === '/') url.pathname = DEFAULT_PATH;
    this.url = url.href;
  }

  listModels(): readonly string[] {
    return [DEFAULT_MODEL];
  }

  accepts(model: string): boolean {
    return isSafeModelId(model);
  }

  async answer(request: ModelRequest, run: ModelRun): Promise<ModelResult> {
    run.signal.throwIfAborted();
    const response = await this.post(request, run.signal);
    if (!response.ok) {
      const text = await readErrorText(response);
      run.signal.throwIfAborted();
      throw failureOfStatus(this.name, response.status, response.headers, parseJson(text));
    }
    const reader = new NdjsonReader(this.name, run);
    await readBody(this.name, response, run.signal, (bytes) => {
      reader.push(bytes);
      return reader.isDone;
    });
    return reader.result();
  }

  private async post(request: ModelRequest, signal: AbortSignal): Promise<Response> {
    const { model, turns, maxOutputTokens } = request;
    try {
      return await fetch(this.url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: 'application/x-ndjson' },
        body: JSON.stringify({
          ...(model === DEFAULT_MODEL ? {} : { model }),
          messages: turns.map(({ role, content }) => ({ role, content })),
          stream: true,
          max_tokens: maxOutputTokens,
        }),
        signal,
      });
    } catch (error) {
      signal.throwIfAborted();
      throw failureOfConnection(this.name, error, 'connect');
    }
  }
}
