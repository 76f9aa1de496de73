import { Injectable } from '@nestjs/common';
import { PrismaService } from '../prisma/prisma.service.js';

/** A reaction with the place of its message. */
export interface PlacedReaction {
  conversationId: string;
  messageId: string;
  emoji: string;
  createdAt: Date;
}

/** Reactions; the numbers that they take are the log's business. */
@Injectable()
export class ReactionsRepository {
  constructor(private readonly prisma: PrismaService) {}

  /** The different emoji of a message. */
  async emojiOf(messageId: string): Promise<string[]> {
    const groups = await this.prisma.db.messageReaction.groupBy({ by: ['emoji'], where: { messageId } });
    return groups.map(({ emoji }) => emoji);
  }

  /** Whether it was not there before. An account that is erased meanwhile gets none. */
  async add(messageId: string, emoji: string, userId: string): Promise<boolean> {
    const count = await this.prisma.db.$executeRaw`
      INSERT INTO message_reactions (message_id, emoji, user_id, created_at)
      SELECT ${messageId}::uuid, ${emoji}, id, clock_timestamp() FROM users
      WHERE id = ${userId}::uuid AND erased_at IS NULL FOR KEY SHARE
      ON CONFLICT DO NOTHING`;
    return count > 0;
  }

  /** Whether it was there. */
  async remove(messageId: string, emoji: string, userId: string): Promise<boolean> {
    const { count } = await this.prisma.db.messageReaction.deleteMany({ where: { messageId, emoji, userId } });
    return count > 0;
  }

  /** All that a person put on messages, conversation by conversation. */
  async allOf(userId: string): Promise<PlacedReaction[]> {
    return this.prisma.db.$queryRaw<PlacedReaction[]>`
      SELECT m.conversation_id AS "conversationId", m.id AS "messageId", r.emoji, r.created_at AS "createdAt"
      FROM message_reactions r JOIN messages m ON m.id = r.message_id
      WHERE r.user_id = ${userId}::uuid ORDER BY m.conversation_id, m.seq, r.created_at`;
  }
}
