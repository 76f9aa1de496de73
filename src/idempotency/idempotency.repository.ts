import { Injectable } from '@nestjs/common';
import { AppError } from '../common/errors/app-error.js';
import { Prisma } from '../prisma/generated/client.js';
import { PrismaService } from '../prisma/prisma.service.js';
import { hasSqlState } from '../prisma/sql-state.js';
import type { Fingerprint } from './fingerprint.js';

/** What the first request with a key was and what it was answered. */
export interface FirstAnswer {
  fingerprint: Fingerprint;
  statusCode: number;
  /** The body as it was sent; null when there was none. */
  json: string | null;
}

const LOCK_NOT_AVAILABLE = '55P03';

@Injectable()
export class IdempotencyRepository {
  constructor(private readonly prisma: PrismaService) {}

  /**
   * Takes the key for the current transaction; false when it was taken before. Waits for a transaction that holds it.
   * @throws AppError SERVER_BUSY when that one takes longer than the lock timeout
   */
  async claim(userId: string, key: string, fingerprint: Fingerprint): Promise<boolean> {
    try {
      const { count } = await this.prisma.db.idempotencyKey.createMany({
        data: { userId, key, fingerprint },
        skipDuplicates: true,
      });
      return count === 1;
    } catch (error) {
      if (!hasSqlState(error, LOCK_NOT_AVAILABLE)) throw error;
      throw new AppError('SERVER_BUSY', { cause: error, retryAfterSeconds: 1 });
    }
  }

  /** Keeps the answer. As one JSON string, because `jsonb` would reorder the keys of the body. */
  async keep(userId: string, key: string, answer: Omit<FirstAnswer, 'fingerprint'>): Promise<void> {
    await this.prisma.db.idempotencyKey.update({
      where: { userId_key: { userId, key } },
      data: { statusCode: answer.statusCode, response: answer.json ?? Prisma.DbNull },
      select: { key: true },
    });
  }

  async find(userId: string, key: string): Promise<FirstAnswer | null> {
    const row = await this.prisma.db.idempotencyKey.findUnique({ where: { userId_key: { userId, key } } });
    // A key is only ever committed together with its answer.
    if (row?.statusCode == null) return null;
    const json = typeof row.response === 'string' ? row.response : null;
    return { fingerprint: row.fingerprint, statusCode: row.statusCode, json };
  }

  /** Deletes up to `limit` keys that are older than `hours`; tells how many. Nodes that do it at once share the work. */
  purge(hours: number, limit: number): Promise<number> {
    return this.prisma.db.$executeRaw`
      DELETE FROM idempotency_keys WHERE (user_id, key) IN (
        SELECT user_id, key FROM idempotency_keys
        WHERE created_at < now() - make_interval(hours => ${hours}::int)
        ORDER BY created_at LIMIT ${limit}
        FOR UPDATE SKIP LOCKED)`;
  }
}
