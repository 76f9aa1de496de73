import { Injectable } from '@nestjs/common';
import type { ParticipantRole, PositionKind } from '../events/domain-events.js';
import { Prisma } from '../prisma/generated/client.js';
import { PrismaService } from '../prisma/prisma.service.js';
import type { ParticipantRecord } from './chat-room.js';

/** A message as far as receipts care. */
export interface MessagePlace {
  id: string;
  seq: number;
  senderId: string | null;
}

const USER = {
  id: true,
  name: true,
  firstName: true,
  lastName: true,
  username: true,
  role: true,
  avatarUrl: true,
} satisfies Prisma.UserSelect;

const PARTICIPANT = { include: { user: { select: USER } }, omit: { readCount: true } } as const;

/** Who is in which room, and how far they have read. */
@Injectable()
export class ParticipantsRepository {
  constructor(private readonly prisma: PrismaService) {}

  /** Everybody who is in these rooms, the longest-standing first. */
  listOf(roomIds: readonly string[]): Promise<ParticipantRecord[]> {
    return this.prisma.db.participant.findMany({
      where: { conversationId: { in: [...roomIds] }, leftAt: null },
      orderBy: [{ joinedAt: 'asc' }, { role: 'asc' }, { userId: 'asc' }],
      ...PARTICIPANT,
    });
  }

  /**
   * The first places that changed after number `since`, by that change, of those who left too; 0 for everybody. About
   * `most` of them: what one number changed stays together. `isAll`: there are no more.
   */
  async changedSince(
    roomId: string,
    since: number,
    most: number,
  ): Promise<{ items: ParticipantRecord[]; isAll: boolean }> {
    // The first people of a room are in it from the beginning, without a number.
    const changed = { conversationId: roomId, changeSeq: since === 0 ? { gte: 0 } : { gt: since } };
    const order = [{ changeSeq: 'asc' }, { userId: 'asc' }] as const;
    const items = await this.prisma.db.participant.findMany({
      where: changed,
      orderBy: [...order],
      take: most + 1,
      ...PARTICIPANT,
    });
    const last = items[most - 1]?.changeSeq;
    if (last === undefined || items.length <= most) return { items, isAll: true };
    const rest = await this.prisma.db.participant.findMany({
      where: {
        conversationId: roomId,
        changeSeq: last,
        userId: { notIn: items.slice(0, most).map((it) => it.userId) },
      },
      orderBy: [...order],
      ...PARTICIPANT,
    });
    return { items: [...items.slice(0, most), ...rest], isAll: false };
  }

  /** Who is in the room, and as what. */
  async roles(roomId: string): Promise<Map<string, ParticipantRole>> {
    const rows = await this.prisma.db.$queryRaw<{ user_id: string; role: ParticipantRole }[]>`
      /* prepared: room-roles */
      SELECT p.user_id, p.role::text AS role FROM participants p JOIN chat_rooms r ON r.id = p.conversation_id
      WHERE p.conversation_id = ${roomId}::uuid AND p.left_at IS NULL ORDER BY p.joined_at, p.role, p.user_id`;
    return new Map(rows.map(({ user_id, role }) => [user_id, role]));
  }

  /** Lets people in, or in again; what was said before counts as read. */
  async add(roomId: string, userIds: readonly string[], changeSeq: number): Promise<void> {
    await this.prisma.db.$executeRaw`
      INSERT INTO participants (conversation_id, user_id, last_read_seq, last_delivered_seq, read_count, change_seq)
      SELECT r.id, person.id, ${changeSeq}, ${changeSeq}, r.message_count, ${changeSeq}
      FROM chat_rooms r, unnest(${userIds}::uuid[]) AS person (id) WHERE r.id = ${roomId}::uuid
      ON CONFLICT (conversation_id, user_id) DO UPDATE
      SET role = 'MEMBER', joined_at = clock_timestamp(), left_at = NULL, last_read_seq = excluded.last_read_seq,
          last_delivered_seq = excluded.last_delivered_seq, read_count = excluded.read_count, change_seq = excluded.change_seq`;
  }

  async leave(roomId: string, userId: string, changeSeq: number): Promise<void> {
    await this.prisma.db.$executeRaw`
      UPDATE participants SET left_at = clock_timestamp(), change_seq = ${changeSeq}
      WHERE conversation_id = ${roomId}::uuid AND user_id = ${userId}::uuid`;
  }

  async setRole(roomId: string, userId: string, role: ParticipantRole, changeSeq: number): Promise<void> {
    await this.prisma.db.$executeRaw`
      UPDATE participants SET role = ${role}::"ParticipantRole", change_seq = ${changeSeq}
      WHERE conversation_id = ${roomId}::uuid AND user_id = ${userId}::uuid`;
  }

  /** Whether the person is in the room, and as what. */
  async roleOf(roomId: string, userId: string): Promise<ParticipantRole | null> {
    const place = await this.prisma.db.participant.findFirst({
      where: { conversationId: roomId, userId, leftAt: null, conversation: { kind: 'room' } },
      select: { role: true },
    });
    return place?.role ?? null;
  }

  /** A message of the room. */
  async findMessage(roomId: string, messageId: string): Promise<MessagePlace | null> {
    return this.prisma.db.message.findFirst({
      where: { id: messageId, conversationId: roomId },
      select: { id: true, seq: true, senderId: true },
    });
  }

  /** The newest message of the room up to number `seq`. */
  async findMessageAt(roomId: string, seq: number): Promise<MessagePlace | null> {
    return this.prisma.db.message.findFirst({
      where: { conversationId: roomId, seq: { lte: seq } },
      orderBy: { seq: 'desc' },
      select: { id: true, seq: true, senderId: true },
    });
  }

  async positions(roomId: string, userId: string): Promise<Record<PositionKind, number> | null> {
    const row = await this.prisma.db.participant.findFirst({
      where: { conversationId: roomId, userId, leftAt: null },
      select: { lastReadSeq: true, lastDeliveredSeq: true },
    });
    return row && { read: row.lastReadSeq, delivered: row.lastDeliveredSeq };
  }

  /** Moves a position forward; what is read was delivered too. One row, however many messages lie between. */
  async mark(roomId: string, userId: string, kind: PositionKind, seq: number, changeSeq: number): Promise<void> {
    const read =
      kind === 'read'
        ? Prisma.sql`, last_read_seq = ${seq}, read_count = (
            SELECT r.message_count - (SELECT count(*)::int FROM messages WHERE conversation_id = r.id AND seq > ${seq})
            FROM chat_rooms r WHERE r.id = participants.conversation_id)`
        : Prisma.empty;
    await this.prisma.db.$executeRaw`
      UPDATE participants SET change_seq = ${changeSeq}, last_delivered_seq = greatest(last_delivered_seq, ${seq}) ${read}
      WHERE conversation_id = ${roomId}::uuid AND user_id = ${userId}::uuid`;
  }

  /** The two who have read farthest, so that whoever wrote a message can be told whether somebody else has read it. */
  farthestReaders(roomId: string): Promise<{ userId: string; lastReadSeq: number }[]> {
    return this.prisma.db.participant.findMany({
      where: { conversationId: roomId, leftAt: null },
      orderBy: [{ lastReadSeq: 'desc' }, { userId: 'asc' }],
      take: 2,
      select: { userId: true, lastReadSeq: true },
    });
  }

  /** The rooms that these people are in; those who are in none are left out. */
  async roomIdsOf(userIds: readonly string[]): Promise<Map<string, string[]>> {
    const rows = await this.prisma.db.$queryRaw<{ userId: string; roomIds: string[] }[]>`
      /* prepared: room-ids-of */
      SELECT p.user_id AS "userId", array_agg(r.id) AS "roomIds"
      FROM participants p JOIN chat_rooms r ON r.id = p.conversation_id
      WHERE p.user_id = ANY (${[...userIds]}::uuid[]) AND p.left_at IS NULL GROUP BY p.user_id`;
    return new Map(rows.map(({ userId, roomIds }) => [userId, roomIds]));
  }

  /** Those of `userIds` who are in some room together with `userId`. */
  async matesAmong(userId: string, userIds: readonly string[]): Promise<Set<string>> {
    const rows = await this.prisma.db.$queryRaw<{ user_id: string }[]>`
      SELECT DISTINCT other.user_id FROM participants me
      JOIN participants other ON other.conversation_id = me.conversation_id AND other.left_at IS NULL
      WHERE me.user_id = ${userId}::uuid AND me.left_at IS NULL AND other.user_id = ANY(${userIds}::uuid[])`;
    return new Set(rows.map((row) => row.user_id));
  }
}
