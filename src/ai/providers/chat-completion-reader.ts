import type { ModelResult, ModelRun, ModelToolCall, ModelUsage, ProviderName } from './ai-provider.js';
import { isObject, parseJson, toCount, type JsonObject } from './json-value.js';
import { failureInStream, truncated, unreadable, withheld } from './provider-failure.js';
import type { SseEvent } from './sse-reader.js';

/** Longest arguments of all tool calls of one answer, in characters. */
const MAX_TOOL_ARGUMENTS = 65_536;

type Sink = Pick<ModelRun, 'onDelta' | 'onActivity'>;

/** Makes one answer of the chunks of a Chat Completions stream, or of one whole completion. */
export class ChatCompletionReader {
  private finishReason: ModelResult['finishReason'] | null = null;
  private usage: ModelUsage | null = null;
  private readonly toolCalls: ModelToolCall[] = [];
  private toolArgumentsLength = 0;
  private hasText = false;
  private hasChunk = false;
  /** The server has said `[DONE]`: nothing follows. */
  isDone = false;

  constructor(
    private readonly provider: ProviderName,
    private readonly sink: Sink,
  ) {}

  /** @throws AppError AI_… when the event is an error or cannot be read */
  readEvent({ event, data, isWhole }: SseEvent): void {
    if (this.isDone) return;
    const text = data.join('\n').trim();
    if (text === '') return;
    if (text === '[DONE]') {
      this.isDone = true;
      return;
    }
    const whole = parseJson(text);
    if (whole !== undefined) return this.readObject(whole, event);
    if (!isWhole) return;
    // Some servers forget the blank line between events: then each line is one.
    for (const line of data.length > 1 ? data : [text]) {
      if (line.trim() === '[DONE]') this.isDone = true;
      else this.readObject(parseJson(line), event);
    }
  }

  readObject(chunk: unknown, event = ''): void {
    if (!isObject(chunk)) throw unreadable(this.provider, 'a chunk that is not JSON');
    const error = chunk['error'] ?? (event === 'error' ? chunk : null);
    if (error !== null && error !== undefined) throw failureInStream(this.provider, error, this.hasText);
    this.hasChunk = true;
    this.sink.onActivity?.();
    if (isObject(chunk['usage'])) this.usage = readUsage(chunk['usage']) ?? this.usage;
    const choice: unknown = Array.isArray(chunk['choices']) ? chunk['choices'][0] : undefined;
    if (isObject(choice)) this.readChoice(choice);
  }

  private readChoice(choice: JsonObject): void {
    // Other answers than the first were not asked for.
    if (typeof choice['index'] === 'number' && choice['index'] !== 0) return;
    // Some servers repeat the whole message at the end of its deltas.
    const delta = choice['delta'] ?? (this.hasText ? undefined : choice['message']);
    if (isObject(delta)) {
      this.deliver(delta['content']);
      this.deliver(delta['refusal']);
      if (Array.isArray(delta['tool_calls'])) delta['tool_calls'].forEach((call) => this.readToolCall(call));
    } else {
      this.deliver(choice['text']);
    }
    const reason = choice['finish_reason'];
    if (reason === 'error') throw failureInStream(this.provider, choice['error'], this.hasText);
    if (typeof reason === 'string') this.finishReason = readFinishReason(reason);
  }

  private deliver(content: unknown): void {
    const text = Array.isArray(content) ? content.map(partText).join('') : content;
    if (typeof text !== 'string' || text.length === 0) return;
    this.hasText = true;
    this.sink.onDelta(text);
  }

  private readToolCall(call: unknown): void {
    if (!isObject(call) || !isObject(call['function'])) return;
    const { name, arguments: args } = call['function'];
    const index = toCount(call['index']);
    const isNew = index === null ? typeof name === 'string' : index >= this.toolCalls.length;
    if (isNew) this.toolCalls.push({ name: '', argumentsJson: '' });
    const at = this.toolCalls[isNew || index === null ? this.toolCalls.length - 1 : index];
    if (!at) return;
    if (typeof name === 'string') at.name += name;
    const piece = isObject(args) ? JSON.stringify(args) : args;
    if (typeof piece !== 'string') return;
    this.toolArgumentsLength += piece.length;
    if (this.toolArgumentsLength > MAX_TOOL_ARGUMENTS) throw unreadable(this.provider, 'endless tool arguments');
    at.argumentsJson += piece;
  }

  /** One JSON body instead of a stream. @throws AppError AI_… when it is an error or no completion */
  readCompletion(body: string): void {
    const completion = parseJson(body);
    this.readObject(completion);
    if (!isObject(completion) || !Array.isArray(completion['choices']) || !isObject(completion['choices'][0]))
      throw unreadable(this.provider, 'a body that is no completion');
    this.isDone = true;
  }

  /** The stream has ended. @throws AppError AI_INTERRUPTED when the answer is not whole */
  result(): ModelResult {
    if (this.finishReason === null && !this.isDone) throw truncated(this.provider);
    if (!this.hasChunk) throw unreadable(this.provider, 'an empty answer');
    if (this.finishReason === 'content_filter' && !this.hasText) throw withheld(this.provider);
    const calledTool = this.toolCalls.length > 0 && (this.finishReason ?? 'stop') === 'stop';
    const finishReason = calledTool ? 'tool_calls' : (this.finishReason ?? 'stop');
    return { finishReason, usage: this.usage, toolCalls: this.toolCalls };
  }
}

function readFinishReason(value: string): ModelResult['finishReason'] {
  switch (value) {
    case 'length':
    case 'max_tokens':
      return 'length';
    case 'content_filter':
      return 'content_filter';
    case 'tool_calls':
    case 'function_call':
      return 'tool_calls';
    default:
      return 'stop';
  }
}

function readUsage(usage: JsonObject): ModelUsage | null {
  const promptTokens = toCount(usage['prompt_tokens']);
  const completionTokens = toCount(usage['completion_tokens']);
  return promptTokens === null || completionTokens === null ? null : { promptTokens, completionTokens };
}

function partText(part: unknown): string {
  if (!isObject(part)) return typeof part === 'string' ? part : '';
  return part['type'] !== 'thinking' && typeof part['text'] === 'string' ? part['text'] : '';
}
