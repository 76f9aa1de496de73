import type { ModelResult, ModelRun, ModelUsage, ProviderName } from './ai-provider.js';
import { isObject, parseJson, toCount, type JsonObject } from './json-value.js';
import { LineSplitter } from './line-splitter.js';
import { failureInStream, truncated, unreadable } from './provider-failure.js';

const END_TYPES: ReadonlySet<unknown> = new Set(['complete', 'completed', 'done', 'end', 'stop', 'final']);
const ERROR_TYPES: ReadonlySet<unknown> = new Set(['error', 'failed']);
/** Where a piece of text may stand, the first that is a string counts. */
const TEXT_KEYS = ['delta', 'content', 'token', 'text', 'response', 'chunk'] as const;

/** Makes one answer of newline-delimited JSON objects; docs/decisions/ tells which spellings are understood. */
export class NdjsonReader {
  private readonly lines = new LineSplitter('lf', (line) => this.readLine(line));
  private finishReason: ModelResult['finishReason'] = 'stop';
  private usage: ModelUsage | null = null;
  private hasText = false;
  /** The service has said that this was all. */
  isDone = false;

  constructor(
    private readonly provider: ProviderName,
    private readonly sink: Pick<ModelRun, 'onDelta' | 'onActivity'>,
  ) {}

  /** @throws AppError AI_… when a line is an error or cannot be read */
  push(bytes: Uint8Array): void {
    this.lines.push(bytes);
  }

  /** The stream has ended. @throws AppError AI_INTERRUPTED when the service did not say that the answer is whole */
  result(): ModelResult {
    const rest = this.lines.end();
    // A last line without its end is only taken when it is whole JSON: else it was cut off.
    if (rest !== null && parseJson(rest) !== undefined) this.readLine(rest);
    if (!this.isDone) throw truncated(this.provider);
    return { finishReason: this.finishReason, usage: this.usage, toolCalls: [] };
  }

  private readLine(line: string): void {
    const text = line.trim();
    if (this.isDone || text === '') return;
    const object = parseJson(text);
    if (typeof object === 'string') return this.deliver(object);
    if (!isObject(object)) throw unreadable(this.provider, 'a line that is no JSON object');
    const error = object['error'];
    if ((error !== undefined && error !== null && error !== false) || ERROR_TYPES.has(object['type']))
      throw failureInStream(this.provider, error ?? object, this.hasText);
    this.sink.onActivity?.();
    const isEnd = object['done'] === true || END_TYPES.has(object['type']);
    // The end may repeat the whole text; it is only wanted from a service that never sent pieces.
    if (!isEnd || !this.hasText || !isRepetition(object)) this.deliver(pieceOf(object));
    this.usage = usageOf(object) ?? this.usage;
    if (isEnd) this.finish(object);
  }

  private finish(object: JsonObject): void {
    const reason = object['finish_reason'] ?? object['done_reason'];
    if (reason === 'length' || reason === 'max_tokens') this.finishReason = 'length';
    if (reason === 'content_filter') this.finishReason = 'content_filter';
    this.isDone = true;
  }

  private deliver(text: string): void {
    if (text === '') return;
    this.hasText = true;
    this.sink.onDelta(text);
  }
}

/** `{"type":"complete","content":"<all>"}` repeats, `{"done":true,"response":"<last piece>"}` goes on. */
function isRepetition(object: JsonObject): boolean {
  return object['done'] !== true || END_TYPES.has(object['type']);
}

function pieceOf(object: JsonObject): string {
  for (const key of TEXT_KEYS) {
    const value = object[key];
    if (typeof value === 'string') return value;
    if (isObject(value) && typeof value['content'] === 'string') return value['content'];
  }
  const message = object['message'];
  return isObject(message) && typeof message['content'] === 'string' ? message['content'] : '';
}

function usageOf(object: JsonObject): ModelUsage | null {
  const usage = isObject(object['usage']) ? object['usage'] : object;
  const promptTokens = firstCount(usage, ['prompt_tokens', 'promptTokens', 'input_tokens', 'prompt_eval_count']);
  const completionTokens = firstCount(usage, ['completion_tokens', 'completionTokens', 'output_tokens', 'eval_count']);
  return promptTokens === null || completionTokens === null ? null : { promptTokens, completionTokens };
}

function firstCount(from: JsonObject, keys: readonly string[]): number | null {
  return keys.map((key) => toCount(from[key])).find((count) => count !== null) ?? null;
}
