import { Injectable, Logger } from '@nestjs/common';
import { BatchedLoader } from '../common/concurrency/batched-loader.js';
import { isDatabaseUnavailable } from '../common/errors/describe-error.js';
import { DomainEventBus } from '../events/domain-event-bus.js';
import type { ConversationKind, MessageRecord } from '../events/domain-events.js';
import { currentTransaction, outsideTransaction } from '../prisma/transaction-scope.js';
import { UnitOfWork } from '../prisma/unit-of-work.js';
import { AnswerLogRepository, type AnswerStop } from './answer-log.repository.js';
import type { GenerationEnd, GenerationRow } from './generations.repository.js';
import type { ModelTurn } from './providers/ai-provider.js';
import { estimateUsage } from './providers/tokens.js';

/** A run with the text that it ends with; who runs it does not matter any more. */
export interface EndedRun extends Omit<GenerationRow, 'nodeId'> {
  /** Of its conversation, where it is known. */
  kind?: ConversationKind;
}

/** Writes text, state and usage of a run in one transaction; of several endings of one run, one wins. */
@Injectable()
export class AnswerRecords {
  private readonly logger = new Logger(AnswerRecords.name);
  private readonly together = new BatchedLoader<AnswerStop, boolean>((stops) =>
    outsideTransaction(() => this.endTogether(stops)),
  );

  constructor(
    private readonly log: AnswerLogRepository,
    private readonly events: DomainEventBus,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  /** Whether this was the ending that won. */
  async store(row: EndedRun, end: GenerationEnd, wasAsked: boolean): Promise<boolean> {
    const stop: AnswerStop = {
      ...end,
      generationId: row.id,
      conversationId: row.conversationId,
      messageId: row.messageId,
      content: row.text,
      provider: row.provider,
      model: row.model,
      paidById: wasAsked ? row.requestedById : null,
    };
    // What is to be sent by Telegram is noted in the same transaction.
    const isPlain = row.kind !== undefined && row.kind !== 'telegram' && !currentTransaction();
    return (isPlain && (await this.together.get(stop))) || this.endAlone(stop);
  }

  /** Ends a run by the text of `row`, with the tokens estimated; `turns`: what the model was asked, if that is known. Whether this was the ending that won. */
  async endAsIs(
    row: EndedRun,
    state: 'stopped' | 'interrupted',
    errorCode: 'AI_INTERRUPTED' | null,
    turns: readonly ModelTurn[] = [],
  ): Promise<boolean> {
    const usage = await estimateUsage(turns, row.text, row.model);
    return this.store(row, { state, errorCode, ...usage, usageKind: 'estimated' }, true);
  }

  private endAlone(stop: AnswerStop): Promise<boolean> {
    return this.unitOfWork.run(async () => {
      const ended = await this.log.end([stop], 'wait');
      this.tell(ended);
      return ended.length > 0;
    });
  }

  /** Those that it does not end are to be tried alone: somebody else writes in their conversation, or was faster. */
  private async endTogether(stops: readonly AnswerStop[]): Promise<(stop: AnswerStop) => boolean> {
    const ended = await this.log.end(stops, 'skip').catch((error: unknown) => {
      if (isDatabaseUnavailable(error)) throw error;
      this.logger.warn({ msg: 'Answers could not end together; each ends by itself', err: error });
      return [];
    });
    this.tell(ended);
    const ids = new Set(ended.map(({ id }) => id));
    return ({ messageId }) => ids.has(messageId);
  }

  private tell(ended: readonly MessageRecord[]): void {
    for (const message of ended) this.events.publish('message.updated', { message, finished: true });
  }
}
