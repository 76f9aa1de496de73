import { Injectable, Logger } from '@nestjs/common';
import { CustomerDesk } from '../messages/customer-desk.js';
import { outlastAbsence } from '../prisma/outlast-absence.js';
import { UnitOfWork } from '../prisma/unit-of-work.js';
import { AnswerMetrics } from './answer-metrics.js';
import { AnswerRecords, type EndedRun } from './answer-records.service.js';
import type { AnswerRun } from './answer-run.js';
import type { RunOutcome } from './answer-writer.service.js';
import type { GenerationEnd, GenerationRow } from './generations.repository.js';
import { estimateUsage } from './providers/tokens.js';
import { TitlesService } from './titles.service.js';

/** After this long another node's sweeper has ended the run by its checkpoint. */
const RETRY_FOR_MS = 120_000;

/** Stores how answers ended: text, state and usage in one transaction; of several endings of one run, one wins. */
@Injectable()
export class AnswerEndings {
  private readonly logger = new Logger(AnswerEndings.name);

  constructor(
    private readonly records: AnswerRecords,
    private readonly desk: CustomerDesk,
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
    const isMine = await this.storePatiently(row, end, outcome);
    onStored();
    this.metrics.ended(run, end.state, end.errorCode);
    if (!isMine || end.state !== 'complete' || plan.kind !== 'session' || plan.hasTitle) return;
    await this.titles.titleIfUntitled(plan.conversationId).catch((error: unknown) => {
      this.logger.warn({ msg: 'A session got no title', conversationId: plan.conversationId, err: error });
    });
  }

  /** Ends a run of another, perhaps dead node by its checkpoint. Returns whether this was the ending that won. */
  endOrphan(
    row: GenerationRow,
    state: 'stopped' | 'interrupted',
    errorCode: 'AI_INTERRUPTED' | null,
  ): Promise<boolean> {
    return this.records.endAsIs(row, state, errorCode);
  }

  private async storePatiently(row: EndedRun, end: GenerationEnd, outcome: RunOutcome): Promise<boolean> {
    try {
      return await outlastAbsence(() => this.store(row, end, outcome), RETRY_FOR_MS);
    } catch (error) {
      this.metrics.lost();
      throw error;
    }
  }

  /** A human whom the assistant called comes with the end of its answer, or not at all. */
  private store(row: EndedRun, end: GenerationEnd, { wasAsked, humanCall }: RunOutcome): Promise<boolean> {
    if (!humanCall) return this.records.store(row, end, wasAsked);
    return this.unitOfWork.run(async () => {
      const isMine = await this.records.store(row, end, wasAsked);
      if (isMine) await this.desk.callHuman(row.conversationId, humanCall);
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
