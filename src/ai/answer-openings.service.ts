import { Injectable, Logger } from '@nestjs/common';
import { BatchedLoader } from '../common/concurrency/batched-loader.js';
import { isDatabaseUnavailable } from '../common/errors/describe-error.js';
import { newId } from '../common/ids.js';
import { AppConfig } from '../config/app-config.js';
import { DomainEventBus } from '../events/domain-event-bus.js';
import type { MessageRecord } from '../events/domain-events.js';
import { outsideTransaction } from '../prisma/transaction-scope.js';
import { AnswerBudget } from './answer-budget.service.js';
import { AnswerLogRepository, type AnswerStart, type DueSession } from './answer-log.repository.js';
import type { AnswerPlan } from './answer-run.js';
import type { DueQuestion } from './due-questions.service.js';
import { ModelService } from './providers/model.service.js';

/** An answer whose message is stored, with the run to begin; none where it may not begin. */
export interface OpenedAnswer {
  placeholder: MessageRecord;
  plan: AnswerPlan | null;
}

interface Owed extends Pick<AnswerStart, 'conversationId' | 'messageId' | 'head'>, Pick<AnswerPlan, 'history'> {
  question: DueQuestion;
  mayBegin: boolean;
}

/** Each brings what was said before it. */
const MOST_AT_ONCE = 50;

/** Stores the messages and runs that answers begin with. */
@Injectable()
export class AnswerOpenings {
  private readonly logger = new Logger(AnswerOpenings.name);
  private readonly sessions = new BatchedLoader<string, OpenedAnswer | null>(
    (ids) => this.openSessions(ids),
    MOST_AT_ONCE,
  );

  constructor(
    private readonly config: AppConfig,
    private readonly log: AnswerLogRepository,
    private readonly models: ModelService,
    private readonly budget: AnswerBudget,
    private readonly events: DomainEventBus,
  ) {}

  /**
   * Opens the answer that a session is owed, together with those of others that are asked for meanwhile. Null when it is
   * no session or owed nothing, when anything stands in the way, an answer under way or somebody who writes, and
   * when the budget is to be looked at: then only its lock tells more.
   */
  async inSession(conversationId: string): Promise<OpenedAnswer | null> {
    return this.budget.isLimited ? null : this.sessions.get(conversationId);
  }

  /** Opens an answer under the conversation's lock, inside a unit of work. @throws Error when that lock is not held */
  async underLock(conversationId: string, question: DueQuestion, messageId = newId()): Promise<OpenedAnswer> {
    const mayBegin = await this.budget.mayBegin(question.userId);
    const [opened] = await this.open([{ conversationId, messageId, question, head: null, history: null, mayBegin }]);
    if (!opened) throw new Error('an answer can only be opened under the lock of its conversation');
    return opened;
  }

  private async openSessions(ids: readonly string[]): Promise<(id: string) => OpenedAnswer | null> {
    const due = await this.log.due([...new Set(ids)], this.config.env.MAX_HISTORY_LENGTH);
    const opened =
      due.length === 0
        ? []
        : await outsideTransaction(() => this.open(due.map(owedTo))).catch((error) => this.noneUnlessAway(error));
    const of = new Map(opened.map((it) => [it.placeholder.conversationId, it]));
    return (id) => of.get(id) ?? null;
  }

  /** One that cannot be begun keeps all others from it; each by itself does not. @throws what says that the database is away */
  private noneUnlessAway(error: unknown): OpenedAnswer[] {
    if (isDatabaseUnavailable(error)) throw error;
    this.logger.warn({ msg: 'Answers could not begin together; each begins by itself', err: error });
    return [];
  }

  private async open(all: readonly Owed[]): Promise<OpenedAnswer[]> {
    const { nodeId, env } = this.config;
    const plans = new Map(all.map((owed) => [owed.messageId, this.planOf(owed)]));
    const starts = all.map((owed): AnswerStart => {
      const { provider, model, questionId, userId, generationId } = plans.get(owed.messageId)!;
      const { conversationId, messageId, head, mayBegin } = owed;
      return {
        conversationId,
        messageId,
        head,
        questionId,
        nextDueSeq: owed.question.nextDueSeq,
        provider,
        model,
        generationId: mayBegin ? generationId : null,
        requestedById: userId,
      };
    });
    const begun = await this.log.begin(starts, { nodeId, leaseMs: env.AI_LEASE_MS });
    const runs = new Set(starts.filter(({ generationId }) => generationId !== null).map(({ messageId }) => messageId));
    return begun.map((placeholder) => {
      const { id, kind, seq } = placeholder;
      this.events.publish('message.created', { message: placeholder });
      return { placeholder, plan: runs.has(id) ? { ...plans.get(id)!, kind, seq } : null };
    });
  }

  private planOf({ conversationId, messageId, question, history }: Owed): Omit<AnswerPlan, 'kind' | 'seq'> {
    const { settings, userId, id: questionId } = question;
    return {
      generationId: newId(),
      conversationId,
      questionId,
      messageId,
      userId,
      ...this.models.resolveOrDefault(settings.provider, settings.model),
      systemPrompt: settings.systemPrompt ?? this.config.env.AI_SYSTEM_PROMPT,
      hasTitle: settings.title !== null,
      history,
      attempt: 1,
    };
  }
}

function owedTo({ id, head, questionId, senderId, ownerId, history, ...settings }: DueSession): Owed {
  const question = { id: questionId, userId: senderId ?? ownerId, nextDueSeq: null, settings };
  return { conversationId: id, messageId: newId(), question, head, history, mayBegin: true };
}
