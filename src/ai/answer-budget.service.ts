import { Injectable } from '@nestjs/common';
import type { Actor } from '../common/actor.js';
import { AppError } from '../common/errors/app-error.js';
import { AppConfig } from '../config/app-config.js';
import type { AnswerAdmission } from '../messages/answer-admission.js';
import { AnswerSlots } from './answer-slots.js';
import { BudgetRepository } from './budget.repository.js';

/** Longest line of answers that wait for a slot. */
const LONGEST_QUEUE = 5000;
const DAY_MS = 86_400_000;

/** Bounds what people may ask for: answers at once, and tokens a day. */
@Injectable()
export class AnswerBudget implements AnswerAdmission {
  readonly slots: AnswerSlots;

  constructor(
    private readonly config: AppConfig,
    private readonly repository: BudgetRepository,
  ) {
    this.slots = new AnswerSlots({
      inAll: config.env.AI_MAX_RUNNING,
      perUser: config.limits.runningAnswersPerUser,
      queue: LONGEST_QUEUE,
      queuePerUser: config.limits.waitingAnswersPerUser,
    });
  }

  /** Whether people have a number of tokens a day. */
  get isLimited(): boolean {
    return this.config.env.AI_DAILY_TOKEN_QUOTA !== 0;
  }

  async assertMayAsk(actor: Actor): Promise<void> {
    this.slots.assertRoom(actor.userId);
    if (!this.isLimited) return;
    if (!(await this.hasTokensLeft(actor.userId))) throw quotaExceeded();
  }

  /**
   * Decides under a lock of the person whether another run may begin; runs under way count with their greatest length. Runs
   * inside the unit of work that opens the run, so that of twenty that begin at once at the limit one does.
   */
  async mayBegin(userId: string | null): Promise<boolean> {
    if (!this.isLimited || userId === null) return true;
    await this.repository.lockPerson(userId);
    return this.hasTokensLeft(userId);
  }

  private async hasTokensLeft(userId: string): Promise<boolean> {
    const { AI_DAILY_TOKEN_QUOTA, AI_MAX_OUTPUT_TOKENS } = this.config.env;
    const { used, running } = await this.repository.today(userId);
    return used + running * AI_MAX_OUTPUT_TOKENS < AI_DAILY_TOKEN_QUOTA;
  }
}

/** The quota begins anew at midnight UTC. */
export function quotaExceeded(now = Date.now()): AppError {
  return new AppError('TOKEN_QUOTA_EXCEEDED', { retryAfterSeconds: Math.ceil((DAY_MS - (now % DAY_MS)) / 1000) });
}
