import { Injectable } from '@nestjs/common';
import { PrismaService } from '../prisma/prisma.service.js';

export interface InboxEntry {
  updateId: number;
  chatId: number | null;
  kind: string;
  state: 'done' | 'ignored' | 'dead';
}

/** A text that JSONB takes: PostgreSQL refuses NUL there, also escaped. */
const NUL = /\\u0000/g;

/** Updates that were taken in. */
@Injectable()
export class InboxRepository {
  constructor(private readonly prisma: PrismaService) {}

  /** Notes that an update is taken care of; false when it was before. Waits for a twin that is being stored. */
  async claim({ updateId, chatId, kind, state }: InboxEntry): Promise<boolean> {
    const count = await this.prisma.db.$executeRaw`
      INSERT INTO telegram_updates (update_id, chat_id, kind, state)
      VALUES (${updateId}::bigint, ${chatId}::bigint, ${kind}, ${state}::"TelegramUpdateState")
      ON CONFLICT (update_id) DO NOTHING`;
    return count === 1;
  }

  /** Puts an update aside that cannot be processed, with all that is needed to try it again. */
  async bury(entry: InboxEntry, payload: unknown, error: string): Promise<void> {
    const text = JSON.stringify(payload).replaceAll(NUL, '').toWellFormed();
    await this.prisma.db.$executeRaw`
      INSERT INTO telegram_updates (update_id, chat_id, kind, state, payload, error)
      VALUES (${entry.updateId}::bigint, ${entry.chatId}::bigint, ${entry.kind}, 'dead', ${text}::jsonb, ${error})
      ON CONFLICT (update_id) DO NOTHING`;
  }

  /** Forgets updates that Telegram will not repeat any more. Dead ones stay. */
  async forget(olderThanDays: number): Promise<number> {
    return this.prisma.db.$executeRaw`
      DELETE FROM telegram_updates
      WHERE state <> 'dead' AND received_at < clock_timestamp() - ${olderThanDays} * interval '1 day'`;
  }

  async countDead(): Promise<number> {
    return this.prisma.db.telegramUpdate.count({ where: { state: 'dead' } });
  }
}
