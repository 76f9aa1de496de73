import { Injectable } from '@nestjs/common';
import { AppError } from '../common/errors/app-error.js';
import { describeError } from '../common/errors/describe-error.js';
import type { ErrorCode } from '../common/errors/error-catalogue.js';
import { AppConfig } from '../config/app-config.js';
import type { MessageRecord, MessageRole } from '../events/domain-events.js';
import { AssistantMessages } from '../messages/assistant-messages.service.js';
import type { HumanCall } from '../messages/customer-desk.js';
import { outlastAbsence } from '../prisma/outlast-absence.js';
import { AnswerStopped, type AnswerPlan, type AnswerRun, type StopReason } from './answer-run.js';
import { AnswerBudget } from './answer-budget.service.js';
import { ESCALATE_TO_OPERATOR, handOverText, readHumanCall } from './escalation-tool.js';
import type { ModelTool, ModelTurn, ModelUsage } from './providers/ai-provider.js';
import { ModelService } from './providers/model.service.js';
import { fitHistory } from './providers/tokens.js';
import { roomTurns } from './room-turns.js';

/** A database that went away between the question and its answer is waited for this long; nobody has seen a word yet. */
const READ_FOR_MS = 60_000;

/** How a run came to its end, before it is stored. */
export interface RunOutcome {
  state: 'complete' | 'stopped' | 'interrupted' | 'failed';
  errorCode: ErrorCode | null;
  /** As the provider reported it. */
  usage: ModelUsage | null;
  /** Who answered, when a fallback did. */
  answeredBy: { provider: string; model: string } | null;
  /** Whether the model was asked at all. */
  wasAsked: boolean;
  /** The conversation or message is gone: nothing is to be stored but the usage. */
  reason: StopReason | null;
  /** The assistant called a human. */
  humanCall?: HumanCall;
  /** What nobody foresaw, for the log. */
  unexpected?: unknown;
}

/** Lets the model write one answer. */
@Injectable()
export class AnswerWriter {
  constructor(
    private readonly config: AppConfig,
    private readonly models: ModelService,
    private readonly messages: AssistantMessages,
    private readonly budget: AnswerBudget,
  ) {}

  /** Never throws: every end has its outcome. */
  async write(run: AnswerRun): Promise<RunOutcome> {
    let wasAsked = false;
    let release: (() => void) | undefined;
    try {
      const payer = run.plan.userId ?? run.plan.conversationId;
      const brought = run.takeHistory();
      // What was said may change while it waits.
      const history = this.budget.slots.hasRoomFor(payer) ? brought : null;
      release = await this.budget.slots.acquire(payer, run.signal);
      run.turns = await outlastAbsence(() => this.turnsFor(run, history), READ_FOR_MS, run.signal);
      run.signal.throwIfAborted();
      wasAsked = true;
      const { provider, model } = run.plan;
      const result = await this.models.answer(
        {
          provider,
          model,
          turns: run.turns,
          maxOutputTokens: this.config.env.AI_MAX_OUTPUT_TOKENS,
          tools: toolsFor(run),
        },
        { signal: run.signal, onDelta: (text) => run.push(text) },
      );
      run.signal.throwIfAborted();
      const humanCall = hasCustomer(run) ? readHumanCall(result.toolCalls) : null;
      if (humanCall && run.content.trim() === '') run.push(handOverText(lastQuestion(run.turns)));
      run.flush();
      const answeredBy = { provider: result.provider, model: result.model };
      const base = { usage: result.usage, answeredBy, wasAsked, reason: null };
      if (result.finishReason === 'content_filter')
        return { ...base, state: run.content ? 'interrupted' : 'failed', errorCode: 'AI_CONTENT_FILTERED' };
      if (run.content === '') return { ...base, state: 'failed', errorCode: 'AI_BAD_RESPONSE' };
      return { ...base, state: 'complete', errorCode: null, ...(humanCall ? { humanCall } : {}) };
    } catch (error) {
      run.flush();
      return { ...outcomeOf(error, run), wasAsked };
    } finally {
      release?.();
    }
  }

  private async turnsFor(run: AnswerRun, known: AnswerPlan['history']): Promise<ModelTurn[]> {
    const { conversationId, kind, seq, systemPrompt, model } = run.plan;
    const { MAX_HISTORY_LENGTH, AI_HISTORY_TOKENS } = this.config.env;
    const budget = { maxTurns: MAX_HISTORY_LENGTH, maxTokens: AI_HISTORY_TOKENS };
    if (kind === 'room') {
      const history = await this.messages.roomHistory(conversationId, seq, MAX_HISTORY_LENGTH);
      return roomTurns({ systemPrompt, history, question: await this.questionOf(run) }, budget, model);
    }
    const history = known ?? (await this.messages.history(conversationId, seq, MAX_HISTORY_LENGTH));
    const turns = history.map(({ role, content }) => ({ role: TURN_ROLE[role], content }));
    return fitHistory([{ role: 'system', content: systemPrompt }, ...turns], budget, model);
  }

  /** @throws AnswerStopped when the question was deleted meanwhile */
  private async questionOf({ plan: { questionId } }: AnswerRun): Promise<MessageRecord> {
    const question = questionId === null ? null : await this.messages.get(questionId);
    if (!question || question.deletedAt !== null) throw new AnswerStopped('stopped');
    return question;
  }
}

const TURN_ROLE: Record<MessageRole, ModelTurn['role']> = {
  user: 'user',
  customer: 'user',
  assistant: 'assistant',
  operator: 'assistant',
  system: 'system',
};

/** In a room nobody is a customer. */
const hasCustomer = ({ plan }: AnswerRun): boolean => plan.kind !== 'room';

const toolsFor = (run: AnswerRun): ModelTool[] => (hasCustomer(run) ? [ESCALATE_TO_OPERATOR] : []);

const lastQuestion = (turns: readonly ModelTurn[]): string =>
  turns.findLast(({ role }) => role === 'user')?.content ?? '';

function outcomeOf(error: unknown, run: AnswerRun): Omit<RunOutcome, 'wasAsked'> {
  const base = { usage: null, answeredBy: null, reason: null };
  const cause = run.signal.aborted ? (run.signal.reason as unknown) : error;
  if (cause instanceof AnswerStopped) {
    const isStop = ['stopped', 'superseded', 'silenced'].includes(cause.reason);
    return { ...base, state: isStop ? 'stopped' : 'interrupted', errorCode: null, reason: cause.reason };
  }
  const { code, unexpected } = describeError(error);
  // A text that broke off is kept and called interrupted; where there is no text, the answer failed.
  return {
    ...base,
    state: run.content === '' ? 'failed' : 'interrupted',
    errorCode: error instanceof AppError || !unexpected ? code : 'INTERNAL',
    ...(unexpected ? { unexpected: error } : {}),
  };
}
