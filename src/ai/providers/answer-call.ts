import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '../../common/errors/app-error.js';
import type { AiProvider, ModelRequest, ModelResult, ModelRun, ProviderName } from './ai-provider.js';
import { CallWatch, type CallLimits } from './call-watch.js';
import type { ModelTarget, ProviderBreakers } from './provider-breakers.js';
import { isWorthAnotherModel, retryWaitMs } from './retry-policy.js';

/** With another model at hand, a longer wait for this one is not worth it. */
const PATIENCE_WITH_FALLBACK_MS = 2000;

export interface AnswerRun extends ModelRun {
  /** A call is about to be made; told again for each retry and fallback. */
  onAttempt?: (attempt: ModelTarget & { attempt: number }) => void;
}

/** A whole answer, and who gave it: not the model that was asked when a fallback had to help. */
export interface Answer extends ModelResult, ModelTarget {
  /** Calls that were made, 1 when the first succeeded. */
  attempts: number;
}

/** What the calls of one answer share with those of others. */
export interface CallSurroundings {
  provider(name: ProviderName): AiProvider;
  breakers: ProviderBreakers;
  limits: CallLimits;
  /** A call failed; the person may not notice when a later one succeeds. */
  onFailure(error: AppError, target: ModelTarget, attempt: number): void;
}

/** All calls that are made for one answer: tries, retries and fallbacks, as long as no text was told. */
export class AnswerCall {
  private attempts = 0;
  private hasText = false;

  constructor(
    private readonly request: ModelRequest,
    private readonly run: AnswerRun,
    private readonly around: CallSurroundings,
  ) {}

  /** The answer of the first of `targets` that gives one. @throws AppError of the first target when none does */
  async from(targets: readonly ModelTarget[]): Promise<Answer> {
    let first: AppError | null = null;
    for (const [place, target] of targets.entries()) {
      try {
        return await this.ask(target, place === targets.length - 1);
      } catch (error) {
        this.run.signal.throwIfAborted();
        if (this.hasText || !(error instanceof AppError)) throw error;
        first ??= error;
        if (!isWorthAnotherModel(error) || this.msLeft() <= 0) break;
      }
    }
    throw first ?? new AppError('AI_UNAVAILABLE');
  }

  private async ask(target: ModelTarget, isLast: boolean): Promise<Answer> {
    for (let failures = 1; ; failures++) {
      const call = this.around.breakers.enter(target);
      try {
        const result = await this.callOnce(target, () => call.succeed());
        call.succeed();
        return result;
      } catch (error) {
        if (this.run.signal.aborted || !(error instanceof AppError)) {
          call.release();
          throw error;
        }
        call.fail(error);
        this.around.onFailure(error, target, this.attempts);
        const waitMs = this.hasText ? null : retryWaitMs(error, failures);
        if (waitMs === null || waitMs >= this.msLeft() || this.around.breakers.isOpen(target)) throw error;
        if (!isLast && waitMs > PATIENCE_WITH_FALLBACK_MS) throw error;
        await sleep(waitMs, undefined, { signal: this.run.signal }).catch(() => undefined);
        this.run.signal.throwIfAborted();
      }
    }
  }

  private async callOnce(target: ModelTarget, onBegin: () => void): Promise<Answer> {
    const attempts = ++this.attempts;
    this.run.onAttempt?.({ ...target, attempt: attempts });
    const watch = new CallWatch(this.run, this.around.limits, () => {
      this.hasText = true;
      onBegin();
    });
    try {
      const result = await this.around
        .provider(target.provider)
        .answer({ ...this.request, model: target.model }, watch);
      return { ...result, finishReason: watch.isFull ? 'length' : result.finishReason, ...target, attempts };
    } catch (error) {
      this.run.signal.throwIfAborted();
      if (!watch.isFull) throw error;
      return { finishReason: 'length', usage: null, toolCalls: [], ...target, attempts };
    } finally {
      watch.close();
    }
  }

  private msLeft(): number {
    return this.around.limits.deadlineAt - performance.now();
  }
}
