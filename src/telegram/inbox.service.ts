import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, Logger } from '@nestjs/common';
import { AppError } from '../common/errors/app-error.js';
import { isDatabaseUnavailable } from '../common/errors/describe-error.js';
import { UnitOfWork } from '../prisma/unit-of-work.js';
import { failureText } from './failure-text.js';
import { chatIdOf, type IncomingUpdate } from './incoming-update.js';
import { InboxRepository, type InboxEntry } from './inbox.repository.js';
import { TelegramMetrics } from './telegram-metrics.js';
import { readUpdate } from './update-reader.js';
import { UpdateHandler } from './update-handler.service.js';

/** An update that fails this often is put aside, so that it does not stop its chat: Telegram would send nothing else for a day. */
const MOST_TRIES = 5;
const FIRST_PAUSE_MS = 10;

/** Takes in updates: each is claimed and what it leads to is stored in one transaction, or nothing of it is. */
@Injectable()
export class InboxService {
  private readonly logger = new Logger('TelegramInbox');

  constructor(
    private readonly inbox: InboxRepository,
    private readonly handler: UpdateHandler,
    private readonly metrics: TelegramMetrics,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  /**
   * Resolves when the update is stored, was stored before, or is of no concern.
   * @throws AppError DATABASE_UNAVAILABLE when it could not be stored: it has to come again
   * @throws AppError VALIDATION_FAILED when it is no update
   */
  async accept(body: unknown): Promise<void> {
    const update = readUpdate(body);
    if (!update) throw new AppError('VALIDATION_FAILED', { message: 'This is not an update of the Bot API.' });
    const startedAt = performance.now();
    const outcome = await this.take(update, body);
    this.metrics.updateEnded(outcome, (performance.now() - startedAt) / 1000);
  }

  private async take(update: IncomingUpdate, body: unknown): Promise<'stored' | 'repeated' | 'ignored' | 'dead'> {
    const isIgnored = update.kind === 'ignored';
    const entry: InboxEntry = {
      updateId: update.updateId,
      chatId: chatIdOf(update),
      kind: isIgnored ? update.what : update.kind,
      state: isIgnored ? 'ignored' : 'done',
    };
    let failure: unknown;
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      if (tries > 0) await sleep(FIRST_PAUSE_MS * 2 ** tries);
      try {
        const isNew = await this.unitOfWork.run(async () => {
          if (!(await this.inbox.claim(entry))) return false;
          await this.handler.handle(update);
          return true;
        });
        return isNew ? (isIgnored ? 'ignored' : 'stored') : 'repeated';
      } catch (error) {
        if (isDatabaseUnavailable(error)) throw error;
        failure = error;
      }
    }
    await this.inbox.bury({ ...entry, state: 'dead' }, body, failureText(failure));
    this.logger.error({
      msg: 'An update of Telegram cannot be processed and was put aside',
      updateId: entry.updateId,
      kind: entry.kind,
      err: failure,
    });
    return 'dead';
  }
}
