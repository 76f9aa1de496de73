import { Injectable } from '@nestjs/common';
import type { MessageRecord } from '../events/domain-events.js';
import { PrismaService } from '../prisma/prisma.service.js';
import { MESSAGE_COLUMNS } from './message-rows.js';
import type { Revision } from './messages.repository.js';

/** A message with what it said before. */
export interface MessageWithRevisions {
  message: MessageRecord;
  /** The oldest first. */
  revisions: Omit<Revision, 'id'>[];
}

const PAGE = 200;

/** Everything that one person said in rooms. */
@Injectable()
export class RoomTextsRepository {
  constructor(private readonly prisma: PrismaService) {}

  /** Of every room that the person has or had a place in, in the order of the room; deleted ones hold nothing and are left out. */
  async *saidBy(userId: string): AsyncGenerator<MessageWithRevisions> {
    for (const conversationId of await this.roomsOf(userId))
      for (let after = 0; ;) {
        const page = await this.prisma.db.$queryRaw<MessageRecord[]>`
          SELECT ${MESSAGE_COLUMNS} FROM messages m JOIN conversations c ON c.id = m.conversation_id
          WHERE m.conversation_id = ${conversationId}::uuid AND m.seq > ${after} AND m.sender_id = ${userId}::uuid
            AND m.deleted_at IS NULL
          ORDER BY m.seq LIMIT ${PAGE}`;
        const revisions = await this.revisionsOf(page.map(({ id }) => id));
        for (const message of page) yield { message, revisions: revisions.get(message.id) ?? [] };
        after = page.at(-1)?.seq ?? 0;
        if (page.length < PAGE) break;
      }
  }

  /** How many texts of the person a room holds. */
  count(conversationId: string, userId: string): Promise<number> {
    return this.prisma.db.message.count({ where: { conversationId, senderId: userId, deletedAt: null } });
  }

  /**
   * Empties them all, under numbers from `firstNumber` on; their places stay. Those that were deleted before lose what their
   * sender called them.
   */
  async erase(conversationId: string, userId: string, firstNumber: number): Promise<MessageRecord[]> {
    const own = { conversationId, senderId: userId };
    await this.prisma.db.messageRevision.deleteMany({ where: { message: own } });
    await this.prisma.db.messageReaction.deleteMany({ where: { message: own } });
    await this.prisma.db.messageMention.deleteMany({ where: { message: own } });
    await this.prisma.db.message.updateMany({
      where: { ...own, deletedAt: { not: null }, clientMessageId: { not: null } },
      data: { clientMessageId: null },
    });
    return this.prisma.db.$queryRaw<MessageRecord[]>`
      WITH old AS (
        SELECT id, row_number() OVER (ORDER BY seq)::int - 1 AS position FROM messages
        WHERE conversation_id = ${conversationId}::uuid AND sender_id = ${userId}::uuid AND deleted_at IS NULL
      ), m AS (
        UPDATE messages SET content = '', file_url = NULL, file_name = NULL, file_size = NULL, client_message_id = NULL,
               mentions = '{}',
               deleted_at = clock_timestamp(), change_seq = ${firstNumber} + old.position
        FROM old WHERE messages.id = old.id RETURNING messages.*
      )
      SELECT ${MESSAGE_COLUMNS} FROM m JOIN conversations c ON c.id = m.conversation_id ORDER BY m.change_seq`;
  }

  private async roomsOf(userId: string): Promise<string[]> {
    const rows = await this.prisma.db.participant.findMany({
      where: { userId, conversation: { kind: 'room' } },
      select: { conversationId: true },
      orderBy: { conversationId: 'asc' },
    });
    return rows.map(({ conversationId }) => conversationId);
  }

  private async revisionsOf(messageIds: string[]): Promise<Map<string, Omit<Revision, 'id'>[]>> {
    const rows = await this.prisma.db.messageRevision.findMany({
      where: { messageId: { in: messageIds } },
      orderBy: [{ replacedAt: 'asc' }, { id: 'asc' }],
    });
    const revisions = new Map<string, Omit<Revision, 'id'>[]>();
    for (const { messageId, content, replacedAt } of rows)
      revisions.set(messageId, [...(revisions.get(messageId) ?? []), { content, replacedAt }]);
    return revisions;
  }
}
