import { Injectable } from '@nestjs/common';
import { AnswerSilencer } from '../messages/answer-silencer.js';
import { AnswerRecords } from './answer-records.service.js';
import { DistantTexts } from './distant-texts.service.js';
import { GenerationsRepository } from './generations.repository.js';
import { RunningAnswers } from './running-answers.js';

/** Ends answers on behalf of whoever takes a conversation over. */
@Injectable()
export class RunningAnswerSilencer extends AnswerSilencer {
  constructor(
    private readonly generations: GenerationsRepository,
    private readonly running: RunningAnswers,
    private readonly records: AnswerRecords,
    private readonly distantTexts: DistantTexts,
  ) {
    super();
  }

  override async endRunning(conversationId: string): Promise<void> {
    const row = await this.generations.findRunning(conversationId);
    if (!row) return;
    // Before the text is read, so that nobody is shown more of it than is stored. Were the transaction to fail, the run would end
    // by itself as one that was stopped.
    const run = this.running.silence(conversationId, row.id);
    await this.records.endAsIs(
      run ? { ...row, text: run.content } : this.distantTexts.withLatest(row),
      'stopped',
      null,
      run?.turns,
    );
  }
}
