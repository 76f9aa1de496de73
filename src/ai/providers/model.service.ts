import { Inject, Injectable, Logger } from '@nestjs/common';
import { AppError } from '../../common/errors/app-error.js';
import { AppConfig } from '../../config/app-config.js';
import { PROVIDER_NAMES, type AiProvider, type ModelRequest, type ProviderName } from './ai-provider.js';
import { AnswerCall, type Answer, type AnswerRun } from './answer-call.js';
import type { CallLimits } from './call-watch.js';
import type { BreakerState } from './circuit-breaker.js';
import { modelLabel } from './known-models.js';
import { ProviderBreakers, type ModelTarget } from './provider-breakers.js';
import { failureReason } from './provider-failure.js';

/** Injection token: the configured providers, the default first. */
export const AI_PROVIDERS = Symbol('AI_PROVIDERS');

/** Longest answer in bytes of UTF-8, whatever the limit of tokens says. */
export const MAX_ANSWER_BYTES = 262_144;
/** No language needs more bytes per token over a whole answer; a server that sends more ignores its limit. */
const BYTES_PER_TOKEN = 16;
const LEAST_ANSWER_BYTES = 2048;

export interface AnswerRequest extends ModelRequest {
  provider: ProviderName;
}

export interface ListedModel {
  id: string;
  label: string;
  provider: ProviderName;
}

export interface ProviderModels {
  provider: ProviderName;
  models: ListedModel[];
}

export interface ProviderHealth {
  provider: ProviderName;
  isDefault: boolean;
  /** `open`: it is spared for some seconds after failures; `half-open`: the next call probes it. */
  breaker: BreakerState;
  failuresInARow: number;
  /** For operators: holds no key and nothing that people wrote. */
  lastFailure: string | null;
}

/** The one door to every model: which there are, and their answers, with retries and fallbacks and in bounded time. */
@Injectable()
export class ModelService {
  private readonly logger = new Logger(ModelService.name);
  private readonly breakers = new ProviderBreakers();
  private readonly fallbacks: readonly ModelTarget[];

  constructor(
    private readonly config: AppConfig,
    @Inject(AI_PROVIDERS) private readonly providers: readonly AiProvider[],
  ) {
    this.fallbacks = config.env.AI_FALLBACK_MODELS.map((entry) => this.readFallback(entry)).filter((it) => it !== null);
  }

  /**
   * Who answers for this choice; what it leaves open is filled with the default.
   * @throws AppError PROVIDER_UNKNOWN, MODEL_UNKNOWN
   */
  resolve(provider?: string | null, model?: string | null): ModelTarget {
    if (provider) {
      const chosen = this.provider(provider);
      if (model && !chosen.accepts(model)) throw new AppError('MODEL_UNKNOWN');
      return { provider: chosen.name, model: model || defaultModel(chosen) };
    }
    if (!model) return { provider: this.default.name, model: defaultModel(this.default) };
    const chosen =
      this.providers.find((it) => it.listModels().includes(model)) ?? this.providers.find((it) => it.accepts(model));
    if (!chosen) throw new AppError('MODEL_UNKNOWN');
    return { provider: chosen.name, model };
  }

  /** As `resolve`, but a choice that is no longer offered becomes the default. */
  resolveOrDefault(provider?: string | null, model?: string | null): ModelTarget {
    try {
      return this.resolve(provider, model);
    } catch (error) {
      if (error instanceof AppError) return this.resolve();
      throw error;
    }
  }

  /** What can be chosen, the default provider and each one's default model first. */
  listModels(): ProviderModels[] {
    return this.providers.map((it) => ({
      provider: it.name,
      models: it.listModels().map((id) => ({ id, label: modelLabel(id), provider: it.name })),
    }));
  }

  health(): ProviderHealth[] {
    return this.providers.map(({ name }) => {
      const breaker = this.breakers.provider(name);
      return {
        provider: name,
        isDefault: name === this.default.name,
        breaker: breaker.state,
        failuresInARow: breaker.failures,
        lastFailure: breaker.lastError && failureReason(breaker.lastError),
      };
    });
  }

  /**
   * Answers, with retries and fallbacks as long as no text was told; on an error after that the caller keeps the text. An
   * answer that is cut at its greatest length ends as `length`.
   * @throws AppError AI_…, with `retryAfterSeconds` where it is known
   * @throws `run.signal.reason` when it was aborted; the provider's connection is closed then
   */
  answer(request: AnswerRequest, run: AnswerRun): Promise<Answer> {
    const asked: ModelTarget = { provider: request.provider, model: request.model };
    const others = this.fallbacks.filter((it) => it.provider !== asked.provider || it.model !== asked.model);
    const call = new AnswerCall(request, run, {
      provider: (name) => this.provider(name),
      breakers: this.breakers,
      limits: this.limitsOf(request),
      onFailure: (error, target, attempt) =>
        this.logger.warn({
          msg: 'A model call failed',
          ...target,
          attempt,
          code: error.code,
          why: failureReason(error),
        }),
    });
    return call.from([asked, ...others]);
  }

  private limitsOf(request: ModelRequest): CallLimits {
    const { AI_FIRST_BYTE_TIMEOUT_MS, AI_IDLE_TIMEOUT_MS, AI_TOTAL_TIMEOUT_MS } = this.config.env;
    const bytes = Math.max(request.maxOutputTokens * BYTES_PER_TOKEN, LEAST_ANSWER_BYTES);
    return {
      firstByteMs: AI_FIRST_BYTE_TIMEOUT_MS,
      idleMs: AI_IDLE_TIMEOUT_MS,
      deadlineAt: performance.now() + AI_TOTAL_TIMEOUT_MS,
      maxBytes: Math.min(bytes, MAX_ANSWER_BYTES),
    };
  }

  private get default(): AiProvider {
    return this.providers[0]!;
  }

  private provider(name: string): AiProvider {
    const found = this.providers.find((it) => it.name === name);
    if (!found) throw new AppError('PROVIDER_UNKNOWN');
    return found;
  }

  /** `provider:model`, or a model of the default provider; ids may hold colons themselves. */
  private readFallback(entry: string): ModelTarget | null {
    const named = PROVIDER_NAMES.find((name) => entry.startsWith(`${name}:`));
    if (!named) return { provider: this.default.name, model: entry };
    const isConfigured = this.providers.some((it) => it.name === named);
    return isConfigured ? { provider: named, model: entry.slice(named.length + 1) } : null;
  }
}

function defaultModel(provider: AiProvider): string {
  return provider.listModels()[0]!;
}
