import { Injectable } from '@nestjs/common';
import { newId } from '../common/ids.js';
import { decodeTimeCursor, toPage, type Page } from '../common/pagination/page.js';
import type { ChatRoomType, MessageRole } from '../events/domain-events.js';
import { Prisma } from '../prisma/generated/client.js';
import { PrismaService } from '../prisma/prisma.service.js';
import type { ChatRoomChanges, ChatRoomRecord, ChatRoomView, NewChatRoom } from './chat-room.js';

interface RoomRow {
  id: string;
  type: ChatRoomType;
  name: string | null;
  is_archived: boolean;
  change_seq: number;
  created_at: Date;
  updated_at: Date;
}

interface ListedRow extends RoomRow {
  unread: number;
  last_id: string | null;
  last_seq: number;
  last_role: MessageRole;
  last_sender_id: string | null;
  last_content: string;
  last_created_at: Date;
}

/** A room as one person sees it, without who is in it. */
export type ListedRoom = Omit<ChatRoomView, 'participants'>;

@Injectable()
export class ChatRoomsRepository {
  constructor(private readonly prisma: PrismaService) {}

  /** The new room's id; null when the two people of a DIRECT room have one already. One statement, so that of racing ones one wins. */
  async create({ type, name, ownerId, memberIds }: NewChatRoom): Promise<string | null> {
    const key = type === 'DIRECT' ? directKey([ownerId, ...memberIds]) : null;
    const rows = await this.prisma.db.$queryRaw<{ id: string }[]>`
      WITH room AS (
        INSERT INTO chat_rooms (id, type, name, direct_key)
        VALUES (${newId()}::uuid, ${type}::"ChatRoomType", ${name}, ${key})
        ON CONFLICT (direct_key) DO NOTHING RETURNING id
      ), conversation AS (
        INSERT INTO conversations (id, kind) SELECT id, 'room' FROM room
      ), people AS (
        INSERT INTO participants (conversation_id, user_id, role)
        SELECT room.id, person.id, (CASE WHEN person.id = ${ownerId}::uuid THEN 'OWNER' ELSE 'MEMBER' END)::"ParticipantRole"
        FROM room, unnest(${[ownerId, ...memberIds]}::uuid[]) AS person (id)
      )
      SELECT id FROM room`;
    return rows[0]?.id ?? null;
  }

  async findDirect(people: readonly [string, string]): Promise<string | null> {
    const room = await this.prisma.db.chatRoom.findUnique({
      where: { directKey: directKey(people) },
      select: { id: true },
    });
    return room?.id ?? null;
  }

  find(id: string): Promise<ChatRoomRecord | null> {
    return this.prisma.db.chatRoom.findUnique({ where: { id }, omit: OMITTED });
  }

  /** The room if its name or archive mark changed after number `since`; 0 for the room as it is. */
  findChanged(id: string, since: number): Promise<ChatRoomRecord | null> {
    const changeSeq = since === 0 ? { gte: 0 } : { gt: since };
    return this.prisma.db.chatRoom.findFirst({ where: { id, changeSeq }, omit: OMITTED });
  }

  /** Rooms that the person is in, the latest active first. @throws AppError INVALID_CURSOR */
  async list(userId: string, { limit, cursor }: { limit: number; cursor?: string }): Promise<Page<ListedRoom>> {
    const place = cursor === undefined ? null : decodeTimeCursor(cursor);
    const bound = place
      ? Prisma.sql`AND (r.updated_at, r.id) < (${place.at}::timestamptz, ${place.id}::uuid)`
      : Prisma.empty;
    const rows = await this.seenBy(userId, bound, limit + 1);
    return toPage(rows, limit, (row) => [row.updated_at.toISOString(), row.id]).map(toListed);
  }

  /** One room as the person sees it; null when the person is not in it. */
  async findListed(userId: string, id: string): Promise<ListedRoom | null> {
    const [row] = await this.seenBy(userId, Prisma.sql`AND r.id = ${id}::uuid`, 1);
    return row ? toListed(row) : null;
  }

  /** Whether the room is there; locks its conversation until the transaction ends. */
  async lock(id: string): Promise<boolean> {
    const rows = await this.prisma.db.$queryRaw<unknown[]>`
      SELECT id FROM conversations WHERE id = ${id}::uuid AND kind = 'room' FOR UPDATE`;
    return rows.length > 0;
  }

  /** Locks every room that the person has or had a place in, until the transaction ends; returns their ids. */
  async lockAllOf(userId: string): Promise<string[]> {
    const rows = await this.prisma.db.$queryRaw<{ id: string }[]>`
      SELECT c.id FROM conversations c JOIN participants p ON p.conversation_id = c.id
      WHERE p.user_id = ${userId}::uuid AND c.kind = 'room' ORDER BY c.id FOR UPDATE OF c`;
    return rows.map(({ id }) => id);
  }

  /** Takes the next number of a locked room. */
  async takeNumber(id: string): Promise<number> {
    const [row] = await this.prisma.db.$queryRaw<{ head: number }[]>`
      UPDATE conversations SET head = head + 1 WHERE id = ${id}::uuid RETURNING head`;
    if (!row) throw new Error('takeNumber needs a locked room');
    return row.head;
  }

  async update(id: string, { name, isArchived }: ChatRoomChanges, changeSeq: number): Promise<ChatRoomRecord> {
    return this.prisma.db.chatRoom.update({
      where: { id },
      data: {
        changeSeq,
        updatedAt: new Date(),
        ...(name === undefined ? {} : { name }),
        ...(isArchived === undefined ? {} : { isArchived }),
      },
      omit: OMITTED,
    });
  }

  /** Returns when. */
  async touch(id: string): Promise<Date> {
    const [row] = await this.prisma.db.$queryRaw<{ at: Date }[]>`
      UPDATE chat_rooms SET updated_at = clock_timestamp() WHERE id = ${id}::uuid RETURNING updated_at AS at`;
    return row?.at ?? new Date();
  }

  /** Deletes the room with its whole conversation. */
  async remove(id: string): Promise<void> {
    await this.prisma.db.conversation.deleteMany({ where: { id, kind: 'room' } });
  }

  /** The page is cut before the newest messages are looked up, so that only as many are read as are shown. */
  private seenBy(userId: string, bound: Prisma.Sql, take: number): Promise<ListedRow[]> {
    return this.prisma.db.$queryRaw<ListedRow[]>`
      SELECT r.*, m.id AS last_id, m.seq AS last_seq, m.role AS last_role, m.sender_id AS last_sender_id,
             m.content AS last_content, m.created_at AS last_created_at
      FROM (
        SELECT r.id, r.type::text, r.name, r.is_archived, r.change_seq, r.created_at, r.updated_at, r.message_count - p.read_count AS unread
        FROM participants p JOIN chat_rooms r ON r.id = p.conversation_id
        WHERE p.user_id = ${userId}::uuid AND p.left_at IS NULL ${bound}
        ORDER BY r.updated_at DESC, r.id DESC LIMIT ${take}
      ) r
      LEFT JOIN LATERAL (
        SELECT id, seq, role::text, sender_id, left(content, 200) AS content, created_at FROM messages
        WHERE conversation_id = r.id AND deleted_at IS NULL ORDER BY seq DESC LIMIT 1
      ) m ON true
      ORDER BY r.updated_at DESC, r.id DESC`;
  }
}

const OMITTED = { directKey: true, messageCount: true } as const;

const directKey = (people: readonly string[]): string => [...people].sort().join(':');

const toListed = (row: ListedRow): ListedRoom => ({
  id: row.id,
  type: row.type,
  name: row.name,
  isArchived: row.is_archived,
  changeSeq: row.change_seq,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
  unreadCount: row.unread,
  lastMessage:
    row.last_id === null
      ? null
      : {
          id: row.last_id,
          seq: row.last_seq,
          role: row.last_role,
          senderId: row.last_sender_id,
          content: row.last_content,
          createdAt: row.last_created_at,
        },
});
