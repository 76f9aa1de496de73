import { Injectable } from '@nestjs/common';
import { Prisma } from '../prisma/generated/client.js';
import { PrismaService } from '../prisma/prisma.service.js';
import type { DeadLetter } from './dead-letter.js';

const LETTERS = Prisma.sql`
  SELECT update_id::float8 AS "updateId", chat_id::float8 AS "telegramChatId", kind, coalesce(error, '') AS error,
         payload, received_at AS "receivedAt"
  FROM telegram_updates WHERE state = 'dead' AND payload IS NOT NULL`;

/** Updates that were put aside. */
@Injectable()
export class DeadLettersRepository {
  constructor(private readonly prisma: PrismaService) {}

  /** The newest first, before update `beforeId`. */
  list(limit: number, beforeId?: number): Promise<DeadLetter[]> {
    const before = beforeId === undefined ? Prisma.empty : Prisma.sql`AND update_id < ${beforeId}::bigint`;
    return this.prisma.db.$queryRaw<DeadLetter[]>`${LETTERS} ${before} ORDER BY update_id DESC LIMIT ${limit}`;
  }

  /** Locks one until the unit of work ends; null when it is none, or not any more. */
  async lock(updateId: number): Promise<DeadLetter | null> {
    const [row] = await this.prisma.db.$queryRaw<DeadLetter[]>`
      ${LETTERS} AND update_id = ${updateId}::bigint FOR UPDATE`;
    return row ?? null;
  }

  /** It has been processed: what it said is kept where it belongs now. */
  async settle(updateId: number, state: 'done' | 'ignored'): Promise<void> {
    await this.prisma.db.$executeRaw`
      UPDATE telegram_updates SET state = ${state}::"TelegramUpdateState", payload = NULL, error = NULL
      WHERE update_id = ${updateId}::bigint`;
  }

  async noteError(updateId: number, error: string): Promise<void> {
    await this.prisma.db.$executeRaw`
      UPDATE telegram_updates SET error = ${error} WHERE update_id = ${updateId}::bigint AND state = 'dead'`;
  }
}
