import { Injectable } from '@nestjs/common';
import { AppError } from '../common/errors/app-error.js';
import { isDatabaseUnavailable } from '../common/errors/describe-error.js';
import type { MessageRecord } from '../events/domain-events.js';
import { currentTransaction } from '../prisma/transaction-scope.js';
import { UnitOfWork } from '../prisma/unit-of-work.js';
import { MessageLogRepository, type NewMessage } from './message-log.repository.js';
import { MessagesRepository } from './messages.repository.js';

/** What became of an append: the message, and whether it had been there before under the same client message id. */
export interface Appended {
  message: MessageRecord;
  isReplay: boolean;
}

interface Waiting {
  message: NewMessage;
  resolve: (appended: Appended) => void;
  reject: (error: unknown) => void;
}

interface Lane {
  queue: Waiting[];
  isWriting: boolean;
}

/** Statements under way at once. A conversation keeps to one lane, so its messages are stored in the order they came. */
const LANES = 2;
const LARGEST_BATCH = 256;

/**
 * Appends messages by group commit: whatever arrives while a statement runs goes together in the next one. A lone
 * message waits for nobody; a message that cannot be stored fails alone.
 */
@Injectable()
export class MessageAppender {
  private readonly lanes: Lane[] = Array.from({ length: LANES }, () => ({ queue: [], isWriting: false }));

  constructor(
    private readonly log: MessageLogRepository,
    private readonly messages: MessagesRepository,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  /**
   * Stores a message once per sender, conversation and client message id.
   * @throws AppError CONVERSATION_NOT_FOUND when there is no such conversation
   * @throws AppError IDEMPOTENCY_KEY_REUSED when the id stands for another text
   */
  append(message: NewMessage): Promise<Appended> {
    if (currentTransaction()) return this.appendChecked(message);
    return new Promise((resolve, reject) => {
      const lane = this.laneOf(message.conversationId);
      lane.queue.push({ message, resolve, reject });
      this.pump(lane);
    });
  }

  private laneOf(conversationId: string): Lane {
    // The end of a UUIDv7 is random.
    return this.lanes[parseInt(conversationId.slice(-4), 16) % LANES]!;
  }

  private pump(lane: Lane): void {
    if (lane.isWriting || lane.queue.length === 0) return;
    lane.isWriting = true;
    void this.write(lane.queue.splice(0, LARGEST_BATCH)).finally(() => {
      lane.isWriting = false;
      this.pump(lane);
    });
  }

  private async write(batch: Waiting[]): Promise<void> {
    let stored: Map<string, MessageRecord>;
    try {
      const rows = await this.log.append(batch.map(({ message }) => message));
      stored = new Map(rows.map((row) => [row.id, row]));
    } catch (error) {
      if (isDatabaseUnavailable(error)) for (const { reject } of batch) reject(error);
      // One bad row fails the statement: try each by itself, so that its neighbours do not suffer.
      else for (const waiting of batch) await this.appendChecked(waiting.message).then(waiting.resolve, waiting.reject);
      return;
    }
    for (const { message, resolve, reject } of batch) {
      const row = stored.get(message.id);
      if (row) resolve({ message: row, isReplay: false });
      else reject(new AppError('CONVERSATION_NOT_FOUND'));
    }
  }

  /** Looks for a twin under the conversation's lock, so that it cannot appear in between. */
  private appendChecked(message: NewMessage): Promise<Appended> {
    return this.unitOfWork.run(async () => {
      if (!(await this.log.lock(message.conversationId))) throw new AppError('CONVERSATION_NOT_FOUND');
      const twin = await this.messages.findTwin(message);
      if (twin) return { message: twin, isReplay: true };
      const [row] = await this.log.append([message]);
      if (!row) throw new AppError('CONVERSATION_NOT_FOUND');
      return { message: row, isReplay: false };
    });
  }
}
