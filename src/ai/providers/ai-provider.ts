/** Who can answer. `echo` repeats what it was told and is there when nothing else is configured. */
export const PROVIDER_NAMES = ['openai', 'llm-service', 'echo'] as const;
export type ProviderName = (typeof PROVIDER_NAMES)[number];

/** One turn of the conversation as the model is shown it. */
export interface ModelTurn {
  role: 'system' | 'user' | 'assistant';
  content: string;
}

/** A function that the model may call instead of answering. `parameters` is a JSON Schema. */
export interface ModelTool {
  name: string;
  description: string;
  parameters: Record<string, unknown>;
}

export interface ModelRequest {
  model: string;
  turns: readonly ModelTurn[];
  maxOutputTokens: number;
  tools?: readonly ModelTool[];
}

export interface ModelUsage {
  promptTokens: number;
  completionTokens: number;
}

export interface ModelToolCall {
  name: string;
  /** What the model wrote as arguments, not checked. */
  argumentsJson: string;
}

/** How a whole answer ended. */
export interface ModelResult {
  finishReason: 'stop' | 'length' | 'content_filter' | 'tool_calls';
  /** As the provider reported it; null when it said nothing. */
  usage: ModelUsage | null;
  toolCalls: ModelToolCall[];
}

export interface ModelRun {
  /** Stops the call: the provider sees its connection close. */
  signal: AbortSignal;
  /** Each piece of text as it comes, never empty. */
  onDelta: (text: string) => void;
  /** The model gave a sign of life that is no text, such as a step of its reasoning. */
  onActivity?: () => void;
}

/** A source of answers. */
export interface AiProvider {
  readonly name: ProviderName;
  /** Ids of the models it offers, the default first. */
  listModels(): readonly string[];
  /** Whether this model may be asked for; more than `listModels` where only the server knows what it has. */
  accepts(model: string): boolean;
  /**
   * Answers once, without retries. Resolves only when the provider said that the answer is whole.
   * @throws AppError AI_… for every other end: refused, timed out, truncated, reset, unreadable
   * @throws `run.signal.reason` when it was aborted
   */
  answer(request: ModelRequest, run: ModelRun): Promise<ModelResult>;
}
