import { Injectable } from '@nestjs/common';
import type { Actor } from '../common/actor.js';
import { AppError } from '../common/errors/app-error.js';
import { DomainEventBus } from '../events/domain-event-bus.js';
import type { MessageRecord, PositionKind } from '../events/domain-events.js';
import { UnitOfWork } from '../prisma/unit-of-work.js';
import { ChatRoomsRepository } from './chat-rooms.repository.js';
import { ParticipantsRepository, type MessagePlace } from './participants.repository.js';
import { RoomMembers } from './room-members.js';

/** Receipts as positions: what is read reaches from 1 to a number, and never goes back. */
@Injectable()
export class ReceiptsService {
  constructor(
    private readonly rooms: ChatRoomsRepository,
    private readonly participants: ParticipantsRepository,
    private readonly members: RoomMembers,
    private readonly unitOfWork: UnitOfWork,
    private readonly events: DomainEventBus,
  ) {}

  /** Up to a message. @throws AppError CHAT_ROOM_NOT_FOUND | MESSAGE_NOT_FOUND */
  async markMessage(actor: Actor, roomId: string, messageId: string, kind: PositionKind): Promise<void> {
    await this.members.assertMember(actor.userId, roomId);
    const message = await this.participants.findMessage(roomId, messageId);
    if (!message) throw new AppError('MESSAGE_NOT_FOUND');
    await this.mark(actor, roomId, message, kind);
  }

  /** Up to the newest message whose number is at most `seq`. @throws AppError CHAT_ROOM_NOT_FOUND */
  async readTo(actor: Actor, roomId: string, seq: number): Promise<void> {
    await this.members.assertMember(actor.userId, roomId);
    const message = await this.participants.findMessageAt(roomId, seq);
    if (message) await this.mark(actor, roomId, message, 'read');
  }

  /** The same messages, those of rooms with what is known about who has read them. */
  async withReadMarks(messages: readonly MessageRecord[]): Promise<MessageRecord[]> {
    const rooms = new Set(messages.filter(({ kind }) => kind === 'room').map(({ conversationId }) => conversationId));
    const readers = new Map<string, { userId: string; lastReadSeq: number }[]>();
    for (const roomId of rooms) readers.set(roomId, await this.participants.farthestReaders(roomId));
    return messages.map((message) => {
      const farthest = readers.get(message.conversationId)?.find(({ userId }) => userId !== message.senderId);
      return farthest ? { ...message, isRead: farthest.lastReadSeq >= message.seq } : message;
    });
  }

  private async mark(actor: Actor, roomId: string, message: MessagePlace, kind: PositionKind): Promise<void> {
    const { userId } = actor;
    await this.unitOfWork.run(async () => {
      await this.rooms.lock(roomId);
      const before = await this.participants.positions(roomId, userId);
      if (!before) throw new AppError('CHAT_ROOM_NOT_FOUND');
      if (before[kind] >= message.seq) return;
      const changeSeq = await this.rooms.takeNumber(roomId);
      await this.participants.mark(roomId, userId, kind, message.seq, changeSeq);
      const lastReadSeq = kind === 'read' ? message.seq : before.read;
      const lastDeliveredSeq = Math.max(before.delivered, message.seq);
      const after = { lastReadSeq, lastDeliveredSeq };
      this.events.publish('chat-room.marked', { roomId, changeSeq, kind, userId, message, ...after });
    });
  }
}
