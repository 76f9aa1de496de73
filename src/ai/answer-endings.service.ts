import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, Logger } from '@nestjs/common';
import { AppConfig } from '../config/app-config.js';
import { isDatabaseUnavailable } from '../common/errors/describe-error.js';
import { AssistantMessages } from '../messages/assistant-messages.service.js';
import { UnitOfWork } from '../prisma/unit-of-work.js';
import { AnswerMetrics } from './answer-metrics.js';
import type { AnswerRun } from './answer-run.js';
import type { RunOutcome } from './answer-writer.service.js';
import { GenerationsRepository, type GenerationEnd, type GenerationRow } from './generations.repository.js';
import { estimateUsage } from './providers/tokens.js';
import { TitlesService } from './titles.service.js';

/** Between two tries to store an end while the database is away. */
const RETRY_MS = 300;
/** After this long another node's sweeper has ended the run by its checkpoint. */
const RETRY_FOR_MS = 120_000;

/** Stores how answers ended: text, state and usage in one transaction; of several endings of one run, one wins. */
@Injectable()
export class AnswerEndings {
  private readonly logger = new Logger(AnswerEndings.name);

  constructor(
    private readonly config: AppConfig,
    private readonly generations: GenerationsRepository,
    private readonly messages: AssistantMessages,
    private readonly titles: TitlesService,
    private readonly unitOfWork: UnitOfWork,
    private readonly metrics: AnswerMetrics,
  ) {}

  /** Ends a run of this node; `onStored` is called once its readers have been told. Outlasts a database that is away for a while: the text is only here. */
  async end(run: AnswerRun, outcome: RunOutcome, onStored: () => void): Promise<void> {
    const { plan } = run;
    if (outcome.unexpected !== undefined)
      this.logger.error({ msg: 'An answer failed', generationId: plan.generationId, err: outcome.unexpected });
    const end = { state: outcome.state, errorCode: outcome.errorCode, ...(await this.usage(run, outcome)) };
    const row = {
      ...plan,
      ...outcome.answeredBy,
      id: plan.generationId,
      requestedById: plan.userId,
      text: run.content,
    };
    const isMine = await this.storePatiently(row, end, outcome.wasAsked);
    onStored();
    this.metrics.ended(run, end.state, end.errorCode);
    if (!isMine || end.state !== 'complete' || plan.kind !== 'session') return;
    await this.titles.titleIfUntitled(plan.conversationId).catch((error: unknown) => {
      this.logger.warn({ msg: 'A session got no title', conversationId: plan.conversationId, err: error });
    });
  }

  /** Ends a run of another, perhaps dead node by its checkpoint. Returns whether this was the ending that won. */
  async endOrphan(
    row: GenerationRow,
    state: 'stopped' | 'interrupted',
    errorCode: 'AI_INTERRUPTED' | null,
  ): Promise<boolean> {
    const usage = await estimateUsage([], row.text, row.model);
    return this.store(row, { state, errorCode, ...usage, usageKind: 'estimated' }, true);
  }

  private async storePatiently(
    row: Omit<GenerationRow, 'nodeId'>,
    end: GenerationEnd,
    wasAsked: boolean,
  ): Promise<boolean> {
    const giveUpAt = performance.now() + RETRY_FOR_MS;
    for (;;) {
      try {
        return await this.store(row, end, wasAsked);
      } catch (error) {
        if (!isDatabaseUnavailable(error) || performance.now() > giveUpAt) {
          this.metrics.lost();
          throw error;
        }
        await sleep(RETRY_MS);
      }
    }
  }

  private store(row: Omit<GenerationRow, 'nodeId'>, end: GenerationEnd, wasAsked: boolean): Promise<boolean> {
    return this.unitOfWork.run(async () => {
      const lock = await this.messages.lock(row.conversationId);
      const isMine = lock !== null && (await this.generations.end(row.id, end));
      if (isMine)
        await this.messages.finish({
          conversationId: row.conversationId,
          messageId: row.messageId,
          content: row.text,
          status: end.state,
          model: row.model,
          ...end,
        });
      // A deleted conversation's run was paid for all the same.
      if (wasAsked && row.requestedById !== null && (isMine || lock === null))
        await this.generations.recordUsage({ ...row, userId: row.requestedById }, end);
      return isMine;
    });
  }

  private async usage(
    run: AnswerRun,
    outcome: RunOutcome,
  ): Promise<Pick<GenerationEnd, 'promptTokens' | 'completionTokens' | 'usageKind'>> {
    if (!outcome.wasAsked) return { promptTokens: 0, completionTokens: 0, usageKind: 'exact' };
    if (outcome.usage) return { ...outcome.usage, usageKind: 'exact' };
    return { ...(await estimateUsage(run.turns, run.content, run.plan.model)), usageKind: 'estimated' };
  }
}
