import { Injectable } from '@nestjs/common';
import type { ChatRoomType, ParticipantRole } from '../events/domain-events.js';
import { PrismaService } from '../prisma/prisma.service.js';

/** A person's place in a room, as the person may take it away. */
export interface RoomPlace {
  chatRoomId: string;
  type: ChatRoomType;
  /** Of a room that the person has left, nothing that came later is told: null. */
  name: string | null;
  isArchived: boolean | null;
  role: ParticipantRole;
  joinedAt: Date;
  leftAt: Date | null;
  /** Receipts: everything up to these numbers is read, and has arrived. */
  lastReadSeq: number;
  lastDeliveredSeq: number;
}

const PAGE = 200;

/** The rooms of one person, for the export of what is kept about people. */
@Injectable()
export class RoomPlacesRepository {
  constructor(private readonly prisma: PrismaService) {}

  /** All places that a person has or had, by the id of the room. */
  async *allOf(userId: string): AsyncGenerator<RoomPlace> {
    for (let after: string | undefined; ;) {
      const rows = await this.prisma.db.participant.findMany({
        where: {
          userId,
          conversation: { chatRoom: { isNot: null } },
          ...(after === undefined ? {} : { conversationId: { gt: after } }),
        },
        include: { conversation: { select: { chatRoom: true } } },
        orderBy: { conversationId: 'asc' },
        take: PAGE,
      });
      for (const { conversation, conversationId, role, joinedAt, leftAt, lastReadSeq, lastDeliveredSeq } of rows) {
        if (!conversation.chatRoom) continue;
        const { type, name, isArchived } = conversation.chatRoom;
        const settings = leftAt === null ? { name, isArchived } : { name: null, isArchived: null };
        const place = { role, joinedAt, leftAt, lastReadSeq, lastDeliveredSeq };
        yield { chatRoomId: conversationId, type, ...settings, ...place };
      }
      after = rows.at(-1)?.conversationId;
      if (rows.length < PAGE) return;
    }
  }
}
