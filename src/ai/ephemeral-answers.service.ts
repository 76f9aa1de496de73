import { Injectable } from '@nestjs/common';
import { AppError } from '../common/errors/app-error.js';
import { AppConfig } from '../config/app-config.js';
import { ReadinessState } from '../health/readiness-state.js';
import { AnswerBudget } from './answer-budget.service.js';
import type { ModelRun, ModelTurn } from './providers/ai-provider.js';
import { ModelService } from './providers/model.service.js';
import { fitHistory } from './providers/tokens.js';

/** Answers to people without an account: nothing of them is stored, but the limits are the same. */
@Injectable()
export class EphemeralAnswers {
  constructor(
    private readonly config: AppConfig,
    private readonly models: ModelService,
    private readonly budget: AnswerBudget,
    private readonly readiness: ReadinessState,
  ) {}

  /**
   * Answers the last of `turns`. `whose` names who waits, for fairness.
   * @throws AppError SERVER_BUSY | SERVER_DRAINING | AI_…; `run.signal.reason` when aborted
   */
  async answer(whose: string, turns: readonly ModelTurn[], run: ModelRun): Promise<void> {
    if (this.readiness.isDraining) throw new AppError('SERVER_DRAINING');
    const { AI_SYSTEM_PROMPT, MAX_HISTORY_LENGTH, AI_HISTORY_TOKENS, AI_MAX_OUTPUT_TOKENS } = this.config.env;
    const target = this.models.resolve();
    const release = await this.budget.slots.acquire(whose, run.signal);
    try {
      const history = await fitHistory(
        [{ role: 'system', content: AI_SYSTEM_PROMPT }, ...turns],
        { maxTurns: MAX_HISTORY_LENGTH, maxTokens: AI_HISTORY_TOKENS },
        target.model,
      );
      const { finishReason } = await this.models.answer(
        { ...target, turns: history, maxOutputTokens: AI_MAX_OUTPUT_TOKENS },
        run,
      );
      if (finishReason === 'content_filter') throw new AppError('AI_CONTENT_FILTERED');
    } finally {
      release();
    }
  }
}
