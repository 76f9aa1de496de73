import { Injectable } from '@nestjs/common';
import type { ParticipantRecord } from '../../chat-rooms/chat-room.js';
import { ChatRoomsService } from '../../chat-rooms/chat-rooms.service.js';
import { RoomMembers } from '../../chat-rooms/room-members.js';
import { BoundedMap } from '../../common/limits/bounded-map.js';
import type { DomainEvents } from '../../events/domain-events.js';
import { OnDomainEvent } from '../../events/on-domain-event.js';
import { conversationRoom, userRoom } from '../contract/room-names.js';
import { serverEvent, type ServerEvent } from '../contract/server-events.js';
import { LiveHub } from './live-hub.js';
import { toSharedRoom } from './room-events.js';

const MOST_REMOVALS = 10_000;

/** Tells what changed in a room apart from its messages when nobody here was told while it happened. */
@Injectable()
export class RoomRepair {
  /** The numbers of removals that people were told of. */
  private readonly removals = new BoundedMap<string, number>(MOST_REMOVALS);

  constructor(
    private readonly hub: LiveHub,
    private readonly rooms: ChatRoomsService,
    private readonly members: RoomMembers,
  ) {}

  @OnDomainEvent('chat-room.member-removed', 'anywhere')
  onRemoved({ roomId, userId, changeSeqs }: DomainEvents['chat-room.member-removed']): void {
    this.removals.set(`${roomId} ${userId}`, changeSeqs[0] ?? 0);
  }

  /**
   * Silences who was removed between the numbers `since` and `upTo`, and returns the room as it is now for the others if its
   * settings, its people or their roles changed. Receipts are no reason: they are read with the next sync. `spoken`: numbers of messages.
   */
  async read(roomId: string, since: number, upTo: number, spoken: ReadonlySet<number>): Promise<ServerEvent[]> {
    const before = this.members.remembered(roomId);
    const { room, participants } = await this.rooms.changesSince(roomId, since);
    const changed = participants.filter(
      ({ changeSeq, userId, role, leftAt }) =>
        changeSeq > since &&
        changeSeq <= upTo &&
        !spoken.has(changeSeq) &&
        (leftAt !== null || before?.get(userId) !== role),
    );
    if (changed.length > 0) this.members.forget(roomId);
    for (const place of changed) if (place.leftAt !== null) this.silence(place);
    if (changed.length === 0 && room === null) return [];
    const found = await this.rooms.find(roomId);
    if (!found) return [];
    const updatedRoom = toSharedRoom(found);
    // Who did it is not stored; somebody who may have.
    const updatedBy = found.participants.find(({ role }) => role === 'OWNER')?.userId ?? '';
    const updatedAt = updatedRoom.updatedAt;
    const updated = { chatRoomId: roomId, updatedChatRoom: updatedRoom, updatedBy, updatedAt, changeSeq: upTo };
    return [serverEvent('chatRoomUpdated', updated)];
  }

  private silence({ conversationId: chatRoomId, userId, changeSeq }: ParticipantRecord): void {
    this.hub.takeOut(userRoom(userId), conversationRoom(chatRoomId));
    const key = `${chatRoomId} ${userId}`;
    if ((this.removals.get(key) ?? 0) >= changeSeq) return;
    this.removals.set(key, changeSeq);
    this.hub.publish(userRoom(userId), serverEvent('removedFromChatRoom', { chatRoomId, removedBy: userId }));
  }
}
