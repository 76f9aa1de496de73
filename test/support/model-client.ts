import { configuredProviders } from '../../src/ai/providers/ai-providers.module.js';
import type { ModelTurn } from '../../src/ai/providers/ai-provider.js';
import type { Answer } from '../../src/ai/providers/answer-call.js';
import { ModelService } from '../../src/ai/providers/model.service.js';
import { AppError } from '../../src/common/errors/app-error.js';
import { AppConfig } from '../../src/config/app-config.js';

/** What came of one answer: either `answer` or `error`. */
export interface Asked {
  text: string;
  deltas: string[];
  answer?: Answer;
  error?: unknown;
  /** The code of `error` when it is an AppError. */
  code?: string;
  /** When it ended, on the clock of `performance.now()`, and how long it took. */
  at: number;
  tookMs: number;
}

export interface AskOptions {
  model?: string;
  turns?: readonly ModelTurn[];
  maxOutputTokens?: number;
  signal?: AbortSignal;
  onDelta?: (text: string) => void;
}

/** The model service of a configuration that holds only `env`. */
export function modelService(env: Record<string, string>): ModelService {
  const config = AppConfig.from({ NODE_ENV: 'test', ...env });
  return new ModelService(config, configuredProviders(config));
}

/** Asks and waits for the end, whichever it is. */
export async function ask(service: ModelService, prompt: string, options: AskOptions = {}): Promise<Asked> {
  const startedAt = performance.now();
  const deltas: string[] = [];
  const outcome: Pick<Asked, 'answer' | 'error'> = {};
  try {
    outcome.answer = await service.answer(
      {
        ...service.resolve(undefined, options.model),
        turns: options.turns ?? [{ role: 'user', content: prompt }],
        maxOutputTokens: options.maxOutputTokens ?? 4096,
      },
      {
        signal: options.signal ?? new AbortController().signal,
        onDelta: (text) => {
          deltas.push(text);
          options.onDelta?.(text);
        },
      },
    );
  } catch (error) {
    outcome.error = error;
  }
  const at = performance.now();
  const code = outcome.error instanceof AppError ? outcome.error.code : undefined;
  return { ...outcome, code, text: deltas.join(''), deltas, at, tookMs: at - startedAt };
}
