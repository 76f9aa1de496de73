import { AppError } from '../../common/errors/app-error.js';
import type { ProviderName } from './ai-provider.js';
import { CircuitBreaker } from './circuit-breaker.js';
import { failureScope } from './provider-failure.js';

export interface ModelTarget {
  provider: ProviderName;
  model: string;
}

/** Models with a breaker of their own; ids come from people, so their number is bounded. */
const MAX_MODELS = 200;

/** One breaker per provider, and one per model that its provider does not know: a wrong id must not stop the others. */
export class ProviderBreakers {
  private readonly ofProvider = new Map<ProviderName, CircuitBreaker>();
  private readonly ofModel = new Map<string, CircuitBreaker>();

  constructor(private readonly now?: () => number) {}

  provider(name: ProviderName): CircuitBreaker {
    let breaker = this.ofProvider.get(name);
    if (!breaker) this.ofProvider.set(name, (breaker = new CircuitBreaker(this.now)));
    return breaker;
  }

  isOpen({ provider, model }: ModelTarget): boolean {
    return [this.provider(provider), this.ofModel.get(keyOf(provider, model))].some((it) => it?.state === 'open');
  }

  /** @throws AppError AI_… with the seconds to wait when the provider or the model is to be spared */
  enter(target: ModelTarget): GuardedCall {
    const breaker = this.provider(target.provider);
    const modelBreaker = this.ofModel.get(keyOf(target.provider, target.model));
    const modelPermit = modelBreaker?.enter();
    if (modelBreaker && !modelPermit) throw refusal(modelBreaker);
    const permit = breaker.enter();
    if (!permit) {
      modelPermit?.release();
      throw refusal(breaker);
    }
    return {
      succeed: () => {
        permit.succeed();
        this.ofModel.delete(keyOf(target.provider, target.model));
      },
      fail: (error) => {
        const scope = failureScope(error);
        if (scope === 'model') {
          permit.release();
          (modelPermit ?? this.newModelBreaker(target).enter())?.fail(error, true);
          return;
        }
        modelPermit?.release();
        // It answered, if only to refuse this one request.
        if (scope === 'request') permit.succeed();
        else permit.fail(error, scope === 'setup');
      },
      release: () => {
        permit.release();
        modelPermit?.release();
      },
    };
  }

  private newModelBreaker({ provider, model }: ModelTarget): CircuitBreaker {
    const key = keyOf(provider, model);
    const breaker = this.ofModel.get(key) ?? new CircuitBreaker(this.now);
    this.ofModel.set(key, breaker);
    if (this.ofModel.size > MAX_MODELS) this.ofModel.delete(this.ofModel.keys().next().value ?? key);
    return breaker;
  }
}

/** One call that the breakers let through; to be told how it went. */
export interface GuardedCall {
  succeed(): void;
  fail(error: AppError): void;
  release(): void;
}

function keyOf(provider: ProviderName, model: string): string {
  return `${provider}:${model}`;
}

function refusal(breaker: CircuitBreaker): AppError {
  const last = breaker.lastError;
  const isPassing = last === null || failureScope(last) === 'provider';
  return new AppError(isPassing ? 'AI_UNAVAILABLE' : last.code, {
    retryAfterSeconds: Math.max(1, Math.ceil(breaker.waitMs / 1000)),
    cause: last?.cause,
  });
}
