import { Injectable } from '@nestjs/common';
import { DomainEventBus } from '../../events/domain-event-bus.js';
import type { DomainEvents } from '../../events/domain-events.js';
import { OnDomainEvent } from '../../events/on-domain-event.js';
import { conversationRoom, userRoom } from '../contract/room-names.js';
import { serverEvent } from '../contract/server-events.js';
import { LiveHub } from './live-hub.js';

/** Tells those who look at a room who begins and who stops to look at it. */
@Injectable()
export class RoomViews {
  constructor(
    private readonly hub: LiveHub,
    private readonly events: DomainEventBus,
  ) {}

  /** To everybody but the person, on every node. */
  tell(userId: string, roomId: string, isLooking: boolean): void {
    this.events.publish('chat-room.viewed', { roomId, userId, isLooking });
  }

  @OnDomainEvent('chat-room.viewed', 'anywhere')
  viewed({ roomId: chatRoomId, userId, isLooking }: DomainEvents['chat-room.viewed']): void {
    const event = serverEvent(isLooking ? 'userJoined' : 'userLeft', { userId, chatRoomId });
    this.hub.publishToMany([conversationRoom(chatRoomId)], event, userRoom(userId));
  }
}
