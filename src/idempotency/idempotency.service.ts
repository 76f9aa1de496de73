import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { Actor } from '../common/actor.js';
import { AppError } from '../common/errors/app-error.js';
import { currentTransaction } from '../prisma/transaction-scope.js';
import { UnitOfWork } from '../prisma/unit-of-work.js';
import type { Fingerprint } from './fingerprint.js';
import { IdempotencyRepository, type FirstAnswer } from './idempotency.repository.js';

export interface IdempotentRequest {
  /** 1…255 printable ASCII characters. */
  key: string;
  fingerprint: Fingerprint;
}

export interface Answer {
  statusCode: number;
  /** Plain JSON, or undefined for none. */
  body: unknown;
}

const KEY = /^[\x20-\x7e]{1,255}$/;
const KEPT_HOURS = 48;
const PURGE_EVERY_MS = 60 * 60 * 1000;
const PURGE_BATCH = 1000;
/** A twin on another node is waited for this many times the lock timeout. */
const CLAIM_ATTEMPTS = 3;

/** Makes repetitions of a request harmless: the first answer is kept with what the request did, in one transaction. */
@Injectable()
export class IdempotencyService implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(IdempotencyService.name);
  /** First requests that this node runs now. Their twins wait here, where waiting costs no database connection. */
  private readonly underWay = new Map<string, { fingerprint: Fingerprint; answer: Promise<FirstAnswer> }>();
  private purgeTimer?: NodeJS.Timeout;
  private purging: Promise<void> = Promise.resolve();

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly keys: IdempotencyRepository,
  ) {}

  onApplicationBootstrap(): void {
    const purge = (): void => {
      this.purging = this.purge().catch((error: unknown) => this.reportPurge(error));
    };
    purge();
    this.purgeTimer = setInterval(purge, PURGE_EVERY_MS).unref();
  }

  async onModuleDestroy(): Promise<void> {
    clearInterval(this.purgeTimer);
    await this.purging;
  }

  /**
   * Runs `work` in one transaction with the person's key, unless a request with this key was answered before: then that answer
   * is given again. When `work` throws, the key is free again.
   * @throws AppError INVALID_IDEMPOTENCY_KEY, IDEMPOTENCY_KEY_REUSED, SERVER_BUSY, or what `work` throws
   */
  async run(
    actor: Pick<Actor, 'userId'>,
    { key, fingerprint }: IdempotentRequest,
    work: () => Promise<Answer>,
  ): Promise<Answer & { replayed: boolean }> {
    if (!KEY.test(key)) throw new AppError('INVALID_IDEMPOTENCY_KEY');
    if (currentTransaction()) throw new Error('An idempotent request must be the outermost transaction.');
    const slot = `${actor.userId} ${key}`;
    for (let twin = this.underWay.get(slot); twin; twin = this.underWay.get(slot)) {
      const { fingerprint: first, answer } = twin;
      const given = await answer.catch((error: unknown) => {
        if (isSame(first, fingerprint)) throw error;
        return null;
      });
      if (given) return replay(given, fingerprint);
    }
    let own: Answer | undefined;
    const answer = this.claimAndRun(actor.userId, key, fingerprint, async () => (own = await work()));
    this.underWay.set(slot, { fingerprint, answer });
    try {
      const given = await answer;
      return own ? { ...own, replayed: false } : replay(given, fingerprint);
    } finally {
      this.underWay.delete(slot);
    }
  }

  /** Deletes the keys that are older than two days. */
  async purge(): Promise<void> {
    while ((await this.keys.purge(KEPT_HOURS, PURGE_BATCH)) === PURGE_BATCH);
  }

  private async claimAndRun(
    userId: string,
    key: string,
    fingerprint: Fingerprint,
    work: () => Promise<Answer>,
  ): Promise<FirstAnswer> {
    for (let attempt = 1; ; attempt++) {
      let claimed = false;
      try {
        const answer = await this.unitOfWork.run(async () => {
          claimed = await this.keys.claim(userId, key, fingerprint);
          if (!claimed) return this.keys.find(userId, key);
          const { statusCode, body } = await work();
          const json = body === undefined ? null : JSON.stringify(body);
          await this.keys.keep(userId, key, { statusCode, json });
          return { fingerprint, statusCode, json };
        });
        // Null: the key went between the two questions, so it is free.
        if (answer) return answer;
      } catch (error) {
        const twinIsSlow = !claimed && error instanceof AppError && error.code === 'SERVER_BUSY';
        if (!twinIsSlow || attempt >= CLAIM_ATTEMPTS) throw error;
      }
    }
  }

  private reportPurge(error: unknown): void {
    this.logger.warn({ msg: 'Old idempotency keys could not be deleted', err: error });
  }
}

const isSame = (a: Fingerprint, b: Fingerprint): boolean => Buffer.compare(a, b) === 0;

function replay(answer: FirstAnswer, fingerprint: Fingerprint): Answer & { replayed: true } {
  if (!isSame(answer.fingerprint, fingerprint)) throw new AppError('IDEMPOTENCY_KEY_REUSED');
  const body: unknown = answer.json === null ? undefined : JSON.parse(answer.json);
  return { statusCode: answer.statusCode, body, replayed: true };
}
