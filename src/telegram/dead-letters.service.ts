import { Injectable } from '@nestjs/common';
import type { Actor } from '../common/actor.js';
import { AppError } from '../common/errors/app-error.js';
import { isDatabaseUnavailable } from '../common/errors/describe-error.js';
import { decodeCursor, toPage, type Page } from '../common/pagination/page.js';
import { UnitOfWork } from '../prisma/unit-of-work.js';
import { AuditLog } from '../users/audit-log.service.js';
import type { DeadLetter } from './dead-letter.js';
import { DeadLettersRepository } from './dead-letters.repository.js';
import { failureText } from './failure-text.js';
import { UpdateHandler } from './update-handler.service.js';
import { readUpdate } from './update-reader.js';

/** What is to be seen of updates that were put aside, and another try for them. */
@Injectable()
export class DeadLetters {
  constructor(
    private readonly letters: DeadLettersRepository,
    private readonly handler: UpdateHandler,
    private readonly audit: AuditLog,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  /** The newest first. @throws AppError INVALID_CURSOR */
  async list({ limit, cursor }: { limit: number; cursor?: string }): Promise<Page<DeadLetter>> {
    const before = cursor === undefined ? undefined : readCursor(cursor);
    return toPage(await this.letters.list(limit + 1, before), limit, ({ updateId }) => [String(updateId)]);
  }

  /**
   * Processes one as if it came now: what a customer said in it takes the next place in their chat. Of many who try at once one does it.
   * @throws AppError DEAD_LETTER_NOT_FOUND | DEAD_LETTER_FAILED (it stays, with the new reason)
   */
  async redrive(actor: Actor, updateId: number): Promise<DeadLetter> {
    try {
      return await this.unitOfWork.run(async () => {
        const letter = await this.letters.lock(updateId);
        if (!letter) throw new AppError('DEAD_LETTER_NOT_FOUND');
        const update = readUpdate(letter.payload);
        if (!update) throw new Error('this is not an update of the Bot API');
        await this.letters.settle(updateId, update.kind === 'ignored' ? 'ignored' : 'done');
        await this.handler.handle(update);
        await this.record(actor, 'telegram.redriven', letter);
        return letter;
      });
    } catch (error) {
      if (isDatabaseUnavailable(error) || (error instanceof AppError && error.code === 'DEAD_LETTER_NOT_FOUND'))
        throw error;
      throw await this.failed(actor, updateId, failureText(error));
    }
  }

  private async failed(actor: Actor, updateId: number, reason: string): Promise<AppError> {
    await this.unitOfWork.run(async () => {
      const letter = await this.letters.lock(updateId);
      if (!letter) return;
      await this.letters.noteError(updateId, reason);
      await this.record(actor, 'telegram.redrive-failed', letter);
    });
    return new AppError('DEAD_LETTER_FAILED', { details: { updateId } });
  }

  private record(actor: Actor, action: string, { updateId, telegramChatId, kind }: DeadLetter): Promise<void> {
    return this.audit.record({
      actorId: actor.userId,
      action,
      subjectId: null,
      data: { updateId, telegramChatId, kind },
    });
  }
}

function readCursor(cursor: string): number {
  const [text = ''] = decodeCursor(cursor, 1);
  const updateId = Number(text);
  if (!/^\d{1,16}$/.test(text) || !Number.isSafeInteger(updateId)) throw new AppError('INVALID_CURSOR');
  return updateId;
}
