import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, Logger } from '@nestjs/common';
import { newId } from '../common/ids.js';
import { JobQueue } from '../jobs/job-queue.js';
import { CustomersService } from '../operators/customers.service.js';
import { outlastAbsence } from '../prisma/outlast-absence.js';
import { UnitOfWork } from '../prisma/unit-of-work.js';
import { AnswerPreviews } from './answer-previews.service.js';
import { OutboxRepository, type OutgoingHead } from './outbox.repository.js';
import { OUTBOX_QUEUE, OutboxService } from './outbox.service.js';
import { growingPause } from './pauses.js';
import { classifyFailure, type TelegramFailure } from './telegram-failure.js';
import { TelegramApi } from './telegram-api.js';
import { TelegramMetrics } from './telegram-metrics.js';

/** A send of which nobody knows how it ended is made once more; a second time it ends as `unknown`. */
const MOST_REPEATS = 1;
const FIRST_BACKOFF_MS = 1_000;
const LONGEST_BACKOFF_MS = 60_000;
/** Telegram itself keeps updates for a day; an answer that is older helps nobody. */
const GIVE_UP_AFTER_S = 24 * 3600;
/** Shorter waits are not worth another job. */
const PATIENCE_MS = 250;
/** How long what is known of a send is tried to be stored, and how often. */
const STORE_FOR_MS = 120_000;

type Step = { waitMs: number } | 'next';

/** Sends what waits in one conversation, one after another, until nothing is left or it has to wait. */
@Injectable()
export class OutboxSender {
  private readonly logger = new Logger('TelegramOutbox');

  constructor(
    private readonly outbox: OutboxRepository,
    private readonly deliveries: OutboxService,
    private readonly customers: CustomersService,
    private readonly api: TelegramApi,
    private readonly jobs: JobQueue,
    private readonly previews: AnswerPreviews,
    private readonly metrics: TelegramMetrics,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  /** The handler of the outbox's jobs. A lane is a conversation. */
  async drain(conversationId: string, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const claimId = newId();
      const head = await this.outbox.claim(conversationId, claimId);
      if (!head) return;
      const step = head.waitMs > 0 ? { waitMs: head.waitMs } : await this.advance(conversationId, head, claimId);
      if (step === 'next') continue;
      if (step.waitMs > PATIENCE_MS) return this.jobs.add(OUTBOX_QUEUE, conversationId, step.waitMs);
      await sleep(step.waitMs);
    }
    // What is left is for whoever comes next.
    await this.jobs.add(OUTBOX_QUEUE, conversationId);
  }

  private async advance(conversationId: string, head: OutgoingHead, claimId: string): Promise<Step> {
    if (head.isBlocked) return this.block(conversationId, head, 'blocked');
    if (head.age > GIVE_UP_AFTER_S)
      return this.end(conversationId, head, claimId, { state: 'failed', error: 'too late' });
    if (head.state === 'sending') {
      if (head.repeats >= MOST_REPEATS) {
        this.metrics.sendEnded('unknown');
        return this.end(conversationId, head, claimId, { state: 'unknown', error: 'result unknown' });
      }
      const hindered = await this.probe(head);
      if (hindered) return this.postpone(head, claimId, hindered, true);
      // Somebody else holds it by now.
      if (!(await this.outbox.countRepeat(head.id, claimId))) return { waitMs: FIRST_BACKOFF_MS };
      this.metrics.sendRepeated();
    }
    try {
      const telegramMessageId = await this.send(head);
      this.metrics.sendEnded('sent');
      return await this.end(conversationId, head, claimId, { state: 'sent', telegramMessageId });
    } catch (error) {
      return this.react(conversationId, head, claimId, classifyFailure(error));
    }
  }

  /** An answer that was shown while it was written becomes final in its place. */
  private async send(head: OutgoingHead): Promise<number> {
    const { chatId, previewId, buttons } = head;
    await this.previews.quiet(head.messageId);
    if (previewId === null) return this.api.send(chatId, head, buttons ?? []);
    try {
      await this.api.edit(chatId, previewId, head, buttons ?? []);
      return previewId;
    } catch (error) {
      const failure = classifyFailure(error);
      if (failure.kind === 'unmodified') return previewId;
      if (failure.kind !== 'refused') throw error;
      await this.outbox.dropPreview(head.messageId);
      return this.api.send(chatId, head, buttons ?? []);
    }
  }

  /** Before a message goes out a second time, something harmless has to arrive: else both attempts are lost to one outage. */
  private async probe({ chatId }: OutgoingHead): Promise<TelegramFailure | null> {
    try {
      await this.api.showTyping(chatId);
      return null;
    } catch (error) {
      const failure = classifyFailure(error);
      return failure.kind === 'again' || failure.kind === 'unknown' ? failure : null;
    }
  }

  private async react(
    conversationId: string,
    head: OutgoingHead,
    claimId: string,
    failure: TelegramFailure,
  ): Promise<Step> {
    this.metrics.callFailed(failure.kind);
    switch (failure.kind) {
      case 'again':
        return this.postpone(head, claimId, failure, false);
      case 'unknown':
        return this.postpone(head, claimId, failure, true);
      case 'blocked':
        await this.customers.setBlocked(head.chatId, true);
        return this.block(conversationId, head, failure.reason);
      case 'migrated':
        await this.customers.migrate(head.chatId, failure.toChatId);
        // Where the new chat has a customer of its own, there is no way to move.
        if ((await this.customers.findByChat(conversationId))?.telegramChatId !== failure.toChatId) break;
        await this.outbox.postpone(head.id, claimId, 0, { isUnknown: false, error: failure.reason });
        return 'next';
      case 'unparsable':
        if (head.entities.length === 0) break;
        await this.outbox.dropEntities(head.id, claimId);
        return 'next';
      case 'no-method':
      case 'refused':
      case 'unmodified':
        break;
    }
    this.logger.warn({ msg: 'Telegram refused a message', conversationId, reason: failure.reason });
    this.metrics.sendEnded('failed');
    return this.end(conversationId, head, claimId, { state: 'failed', error: failure.reason });
  }

  private async postpone(
    head: OutgoingHead,
    claimId: string,
    failure: TelegramFailure,
    isUnknown: boolean,
  ): Promise<Step> {
    const asked = failure.kind === 'again' ? failure.retryAfterMs : null;
    const waitMs = asked ?? growingPause(head.attempts, FIRST_BACKOFF_MS, LONGEST_BACKOFF_MS);
    await this.outbox.postpone(head.id, claimId, waitMs, { isUnknown, error: failure.reason });
    return { waitMs };
  }

  /** Nothing that waits will arrive. */
  private async block(conversationId: string, head: OutgoingHead, reason: string): Promise<Step> {
    await this.store(() =>
      this.unitOfWork.run(async () => {
        for (const messageId of await this.outbox.failRest(conversationId, reason)) {
          this.metrics.sendEnded('failed');
          await this.deliveries.settle(conversationId, messageId, 'blocked');
        }
      }),
    );
    this.logger.log({ msg: 'A customer cannot be reached any more', conversationId, chatId: head.chatId });
    return 'next';
  }

  private async end(
    conversationId: string,
    head: OutgoingHead,
    claimId: string,
    end: { state: 'sent' | 'failed' | 'unknown'; telegramMessageId?: number; error?: string },
  ): Promise<Step> {
    await this.store(() =>
      this.unitOfWork.run(async () => {
        if (await this.outbox.end(head.id, claimId, end))
          await this.deliveries.settle(conversationId, head.messageId, end.error);
      }),
    );
    return 'next';
  }

  /** What Telegram said is known only here: a database that is away for a while must not make us forget it. */
  private store(work: () => Promise<void>): Promise<void> {
    return outlastAbsence(work, STORE_FOR_MS);
  }
}
