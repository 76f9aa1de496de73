import { Injectable } from '@nestjs/common';
import type { MessageRecord } from '../events/domain-events.js';
import { Prisma } from '../prisma/generated/client.js';
import { PrismaService } from '../prisma/prisma.service.js';
import { MESSAGE_COLUMNS } from './message-rows.js';

/** Who is named where, in the order in which people read it. */
@Injectable()
export class MentionsRepository {
  constructor(private readonly prisma: PrismaService) {}

  /** Messages before `beforeId` that name a person, of the rooms that the person is in, newest first. */
  list(userId: string, beforeId: string | null, limit: number): Promise<MessageRecord[]> {
    const bound = beforeId === null ? Prisma.empty : Prisma.sql`AND named.message_id < ${beforeId}::uuid`;
    return this.prisma.db.$queryRaw<MessageRecord[]>`
      SELECT ${MESSAGE_COLUMNS}
      FROM message_mentions named
      JOIN messages m ON m.id = named.message_id
      JOIN conversations c ON c.id = m.conversation_id
      JOIN participants p ON p.conversation_id = m.conversation_id AND p.user_id = named.user_id AND p.left_at IS NULL
      WHERE named.user_id = ${userId}::uuid AND m.deleted_at IS NULL ${bound}
      ORDER BY named.message_id DESC LIMIT ${limit}`;
  }

  /** Makes a message name these people and no others. */
  async replace(messageId: string, userIds: readonly string[]): Promise<void> {
    await this.prisma.db.messageMention.deleteMany({ where: { messageId } });
    await this.prisma.db.messageMention.createMany({ data: userIds.map((userId) => ({ messageId, userId })) });
  }

  async forget(userId: string): Promise<void> {
    await this.prisma.db.messageMention.deleteMany({ where: { userId } });
  }
}
