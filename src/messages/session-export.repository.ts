import { Injectable } from '@nestjs/common';
import type { MessageRecord } from '../events/domain-events.js';
import { PrismaService } from '../prisma/prisma.service.js';
import { MESSAGE_COLUMNS } from './message-rows.js';

const PAGE = 200;

/** Reads whole conversations, a page at a time. */
@Injectable()
export class SessionExportRepository {
  constructor(private readonly prisma: PrismaService) {}

  /** The conversation as far as it reaches now, ascending. */
  async *pages(conversationId: string): AsyncGenerator<MessageRecord[]> {
    const head = await this.head(conversationId);
    let after = 0;
    for (;;) {
      const page = await this.prisma.db.$queryRaw<MessageRecord[]>`
        SELECT ${MESSAGE_COLUMNS} FROM messages m JOIN conversations c ON c.id = m.conversation_id
        WHERE m.conversation_id = ${conversationId}::uuid AND m.seq > ${after} AND m.seq <= ${head}
        ORDER BY m.seq LIMIT ${PAGE}`;
      const last = page.at(-1);
      if (!last) return;
      yield page;
      if (page.length < PAGE) return;
      after = last.seq;
    }
  }

  private async head(conversationId: string): Promise<number> {
    const found = await this.prisma.db.conversation.findUnique({
      where: { id: conversationId },
      select: { head: true },
    });
    return found?.head ?? 0;
  }
}
