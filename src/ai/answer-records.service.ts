import { Injectable } from '@nestjs/common';
import { AssistantMessages } from '../messages/assistant-messages.service.js';
import { UnitOfWork } from '../prisma/unit-of-work.js';
import { GenerationsRepository, type GenerationEnd, type GenerationRow } from './generations.repository.js';
import type { ModelTurn } from './providers/ai-provider.js';
import { estimateUsage } from './providers/tokens.js';

/** A run with the text that it ends with; who runs it does not matter any more. */
export type EndedRun = Omit<GenerationRow, 'nodeId'>;

/** Writes text, state and usage of a run in one transaction; of several endings of one run, one wins. */
@Injectable()
export class AnswerRecords {
  constructor(
    private readonly generations: GenerationsRepository,
    private readonly messages: AssistantMessages,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  /** Whether this was the ending that won. */
  store(row: EndedRun, end: GenerationEnd, wasAsked: boolean): Promise<boolean> {
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
}
